import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { REASONS } from '../../../../edge/connection/outcome.ts';
import { PROTOCOL } from '../../../../edge/engine/splice/mailbox.ts';
import { PEEK_BYTES, VERDICT } from '../../../../edge/engine/splice/native.ts';

const native = join(import.meta.dirname, '../../../../edge/engine/splice/native');

test("the addon's reasons are the indices of the same names", (t) => {
  const named = read('reason.h').matchAll(/REASON_([A-Z_]+) = (\d+)/g);
  const reasons = Array.from(named, ([, name = '', index]) => ({
    name: name.toLowerCase().replaceAll('_', '-'),
    index: Number(index),
  })).filter(({ name }) => name !== 'none');
  t.true(reasons.length > 10);
  for (const { name, index } of reasons) t.is(REASONS[index] as string, name);
});

test('what C and TypeScript agree on has the same numbers on both sides', (t) => {
  const mailbox = read('mailbox.h');
  t.is(Number(/#define PROTOCOL (\d+)/.exec(mailbox)?.[1]), PROTOCOL);
  const verdicts = Object.fromEntries(
    Array.from(mailbox.matchAll(/VERDICT_([A-Z_]+) = (\d+)/g), ([, name = '', value]) => [
      name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      Number(value),
    ]),
  );
  t.deepEqual(verdicts, { ...VERDICT });
  t.is(/#define PEEK_BYTES \(([^)]+)\)/.exec(read('engine.h'))?.[1], `${PEEK_BYTES / 1024} * 1024`);
});

function read(name: string): string {
  return readFileSync(join(native, name), 'utf8');
}
