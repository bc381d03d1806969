import type { ExecutionContext, TestFn } from 'ava';

/** How long something that was started lasts: one test, or a whole file. */
export interface Scope {
  /** Ends it; what was started last ends first. */
  teardown(end: () => unknown): void;
  /** Adds to the report of a test that failed. */
  onFailure(describe: () => string): void;
}

/** Until the end of this test. */
export function testScope(t: ExecutionContext): Scope {
  return {
    teardown: (end) => t.teardown(async () => void (await end())),
    onFailure: (describe) =>
      t.teardown(() => {
        if (!t.passed) t.log(describe());
      }),
  };
}

/** Until the end of the file; to be called where the file's hooks are, once. */
export function fileScope(test: TestFn): Scope {
  const endings: (() => unknown)[] = [];
  const descriptions: (() => string)[] = [];
  test.afterEach.always((t) => {
    if (!t.passed) for (const describe of descriptions) t.log(describe());
  });
  test.after.always(async () => {
    for (const end of endings.toReversed()) await end();
  });
  return {
    teardown: (end) => endings.push(end),
    onFailure: (describe) => descriptions.push(describe),
  };
}
