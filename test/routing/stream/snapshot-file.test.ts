import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Change } from '../../../routing/model/change.ts';
import { RowStore } from '../../../routing/stream/row-store.ts';
import { readSnapshot, writeSnapshot } from '../../../routing/stream/snapshot-file.ts';
import { endpointRow, gone, portRow, revision, routeRow } from '../table/sample-rows.ts';

function directory(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'weir-snapshot-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function smallStore(): RowStore {
  const store = new RowStore();
  for (const row of [routeRow('a.com'), routeRow('*.ü.com'), portRow(20000), endpointRow('i1')])
    store.apply(row);
  store.settle(revision(42));
  store.follow('a-history');
  return store;
}

async function written(t: ExecutionContext, store = smallStore()): Promise<string> {
  const path = join(directory(t), 'routes.snapshot');
  t.is((await writeSnapshot(path, store)).kind, 'written');
  return path;
}

test('gives back what was written', async (t) => {
  const store = smallStore();
  const path = await written(t, store);
  const read = await readSnapshot(path);
  t.is(read.kind, 'loaded');
  if (read.kind !== 'loaded') return;
  t.is(read.revision, revision(42));
  t.true(Math.abs(Date.now() - read.createdAt.getTime()) < 60_000);
  t.is(read.history, 'a-history');
  t.deepEqual([...read.changes], [...store.chunks(10)].flat());
  t.deepEqual(read.rejected, []);
});

test('gives back an empty table and one of many blocks', async (t) => {
  for (const rows of [0, 1, 999, 1000, 1001, 5000]) {
    const store = new RowStore();
    for (let at = 0; at < rows; at += 1) store.apply(endpointRow(`i${at}`));
    const read = await readSnapshot(await written(t, store));
    t.is(read.kind === 'loaded' && read.changes.length, rows);
  }
});

test('reads what an older version wrote, and takes it for what it meant then', async (t) => {
  const store = smallStore();
  store.apply(routeRow('v2.example.com', { proxyProtocol: 'v2', proxyTlvs: ['alpn', 'crc32c'] }));
  const path = await written(t, store);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(0, -1);
  const older = lines.map((line) =>
    JSON.stringify(JSON.parse(line), (key, value) => {
      if (key === 'version') return 2;
      return key === 'alpn' || key === 'proxyTlvs' ? undefined : value;
    }),
  );
  const text = older.map((line) => `${line}\n`).join('');
  writeFileSync(path, `${text}sha256 ${createHash('sha256').update(text).digest('hex')}\n`);
  const read = await readSnapshot(path);
  t.is(read.kind, 'loaded', JSON.stringify(read));
  if (read.kind !== 'loaded') return;
  t.deepEqual(read.rejected, []);
  t.deepEqual([...read.changes], [...store.chunks(10)].flat());
});

test('says that there is none', async (t) => {
  t.deepEqual(await readSnapshot(join(directory(t), 'routes.snapshot')), { kind: 'absent' });
  t.deepEqual(await readSnapshot(join(directory(t), 'nowhere', 'routes.snapshot')), { kind: 'absent' });
});

test('recognises a file that ends too early, wherever it ends', async (t) => {
  const path = await written(t);
  const bytes = readFileSync(path);
  for (let size = 0; size < bytes.length; size += 1) {
    writeFileSync(path, bytes.subarray(0, size));
    const read = await readSnapshot(path);
    if (read.kind !== 'corrupt')
      return t.fail(`${read.kind} when cut off after ${size} of ${bytes.length} bytes`);
  }
  t.pass();
});

test('recognises any byte that has changed', async (t) => {
  const path = await written(t);
  const bytes = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ mask;
      writeFileSync(path, changed);
      return (await readSnapshot(path)).kind === 'corrupt';
    }),
    { numRuns: 400 },
  );
  t.pass();
});

test('recognises bytes after the end', async (t) => {
  const path = await written(t);
  const bytes = readFileSync(path, 'utf8');
  for (const more of ['x', '\n', bytes]) {
    writeFileSync(path, bytes + more);
    t.is((await readSnapshot(path)).kind, 'corrupt');
  }
});

test('moves a file that it cannot use aside, keeps one of them, and says what is wrong', async (t) => {
  const path = await written(t);
  const folder = join(path, '..');
  const cases: [string, RegExp][] = [
    ['', /cut off/],
    ['not a snapshot\n', /not JSON/],
    ['{"format":"other"}\n', /not a snapshot/],
    [
      '{"format":"weir-snapshot","version":1,"revision":1}\n',
      /format version 1; this version of weir reads up to 4/,
    ],
    [
      '{"format":"weir-snapshot","version":5,"revision":1}\n',
      /format version 5; this version of weir reads up to 4/,
    ],
    ['{"format":"weir-snapshot","version":4,"revision":-1}\n', /header/],
    ['x'.repeat(300_000), /cut off/],
  ];
  for (const [text, problem] of cases) {
    writeFileSync(path, text);
    const read = await readSnapshot(path);
    t.true(
      read.kind === 'corrupt' && problem.test(read.problem) && read.movedTo !== null,
      JSON.stringify(read),
    );
    t.deepEqual(await readSnapshot(path), { kind: 'absent' });
    t.is(readdirSync(folder).length, 1);
  }
});

test('does not stumble over a directory in its place', async (t) => {
  const path = join(directory(t), 'routes.snapshot');
  mkdirSync(path);
  t.like(await readSnapshot(path), { kind: 'corrupt' });
  t.is((await writeSnapshot(path, smallStore())).kind, 'written');
});

test('leaves the file of before and no remains where it cannot write', async (t) => {
  const path = await written(t);
  const before = readFileSync(path);
  mkdirSync(`${path}.unfinished`);
  const write = await writeSnapshot(path, smallStore());
  t.true(write.kind === 'failed' && write.problem.startsWith('cannot be written ('));
  t.deepEqual(readFileSync(path), before);

  const nowhere = await writeSnapshot(join(path, 'x', 'routes.snapshot'), smallStore());
  t.is(nowhere.kind, 'failed');
});

test('takes over the remains of a write that a crash has ended', async (t) => {
  const path = await written(t);
  writeFileSync(`${path}.unfinished`, 'x'.repeat(1_000_000));
  t.is((await writeSnapshot(path, smallStore())).kind, 'written');
  t.is((await readSnapshot(path)).kind, 'loaded');
  t.deepEqual(readdirSync(join(path, '..')), ['routes.snapshot']);
});

test('can be read by its owner only', async (t) => {
  const path = await written(t);
  t.notThrows(() => chmodSync(path, 0o600));
  const { mode } = await import('node:fs').then((fs) => fs.statSync(path));
  t.is(mode & 0o777, 0o600);
});

test('is what the table was, once the changes after its revision are applied, though the table changes while it is written', async (t) => {
  const store = new RowStore();
  for (let at = 0; at < 5_000; at += 1) store.apply(endpointRow(`i${at}`));
  const path = join(directory(t), 'routes.snapshot');
  const history: Change[] = [];
  const writing = writeSnapshot(path, store);
  let isDone = false;
  void writing.finally(() => {
    isDone = true;
  });
  for (let at = 1; !isDone; at += 1) {
    const changes = [
      gone(endpointRow(`i${at * 7}`), at),
      routeRow(`r${at % 50}.com`, { revision: at, backendPort: at }),
    ];
    for (const change of changes) store.apply(change);
    store.settle(revision(at));
    history.push(...changes);
    await new Promise(setImmediate);
  }
  t.is((await writing).kind, 'written');
  const read = await readSnapshot(path);
  if (read.kind !== 'loaded') return t.fail(read.kind);
  t.true(read.revision < store.revision);
  const loaded = new RowStore();
  for (const change of read.changes) loaded.apply(change);
  for (const change of history) if (change.revision > read.revision) loaded.apply(change);
  t.is(loaded.size, store.size);
  for (const row of [...store.chunks(100)].flat()) {
    if (!isDeepStrictEqual(loaded.get(row.kind, row.key), row)) return t.fail(row.key);
  }
});

test('holds the loop for a short time only, however many rows there are', async (t) => {
  const store = new RowStore();
  for (let at = 0; at < 100_000; at += 1) store.apply(routeRow(`r${at}.com`));
  const path = join(directory(t), 'routes.snapshot');
  const start = performance.now();
  const longest = await longestPause(async () => {
    t.like(await writeSnapshot(path, store), { kind: 'written', rows: 100_000 });
    const read = await readSnapshot(path);
    t.is(read.kind === 'loaded' && read.changes.length, 100_000);
  });
  const tookMs = performance.now() - start;
  t.true(longest < tookMs / 5, `${longest} ms of ${tookMs} ms`);
});

async function longestPause(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let isDone = false;
  const watch = (): void => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    if (!isDone) setImmediate(watch);
  };
  setImmediate(watch);
  await work();
  isDone = true;
  return longest;
}
