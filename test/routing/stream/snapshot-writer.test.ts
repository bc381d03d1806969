import { EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { pino } from 'pino';
import { RowStore } from '../../../routing/stream/row-store.ts';
import { readSnapshot } from '../../../routing/stream/snapshot-file.ts';
import { SnapshotWriter } from '../../../routing/stream/snapshot-writer.ts';
import { revision, routeRow } from '../table/sample-rows.ts';

function subject(t: ExecutionContext, intervalMs: number) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-writer-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'routes.snapshot');
  const logged: string[] = [];
  const happened = new EventEmitter();
  const output = new Writable({
    write: (line: Buffer, _encoding, done) => {
      logged.push(String(JSON.parse(String(line))['msg']));
      happened.emit('any');
      done();
    },
  });
  const store = new RowStore();
  const writer = new SnapshotWriter(store, { path, intervalMs }, pino({}, output));
  t.teardown(() => writer.close());
  return { folder, path, store, writer, logged, happened };
}

test('writes some time after a change, once for many of them', async (t) => {
  const { folder, path, store, writer } = subject(t, 30);
  const watcher = watch(folder);
  t.teardown(() => watcher.close());
  let writes = 0;
  const placed = new EventEmitter();
  watcher.on('change', (event, name) => {
    if (event !== 'rename' || name !== 'routes.snapshot') return;
    writes += 1;
    placed.emit('placed');
  });
  const first = once(placed, 'placed');
  for (let at = 0; at < 100; at += 1) {
    store.apply(routeRow(`r${at}.com`));
    store.settle(revision(at + 1));
    writer.touch();
  }
  await first;
  const read = await readSnapshot(path);
  t.is(read.kind === 'loaded' && read.changes.length, 100);
  t.is(writes, 1);
  const second = once(placed, 'placed');
  store.settle(revision(200));
  writer.touch();
  await second;
  t.like(await readSnapshot(path), { kind: 'loaded', revision: 200 });
});

test('writes what is left when it is closed, and nothing where nothing has changed', async (t) => {
  const { path, store, writer } = subject(t, 60_000);
  await writer.close();
  t.is((await readSnapshot(path)).kind, 'absent');
  const other = subject(t, 60_000);
  other.store.apply(routeRow('a.com'));
  other.writer.touch();
  await other.writer.close();
  t.is((await readSnapshot(other.path)).kind, 'loaded');
  t.is(store.size, 0);
});

test('has the last change on the disk when it is closed while it writes', async (t) => {
  const { path, store, writer } = subject(t, 0);
  for (let at = 0; at < 20_000; at += 1) store.apply(routeRow(`r${at}.com`));
  store.settle(revision(1));
  writer.touch();
  await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise(setImmediate);
  store.settle(revision(2));
  writer.touch();
  await writer.close();
  t.like(await readSnapshot(path), { kind: 'loaded', revision: 2 });
});

test('says once that it cannot write, tries on, and says when it can again', async (t) => {
  const { path, store, writer, logged, happened } = subject(t, 5);
  mkdirSync(`${path}.unfinished`);
  store.apply(routeRow('a.com'));
  writer.touch();
  await once(happened, 'any');
  t.regex(logged[0] ?? '', /^snapshot cannot be written .* serving goes on/);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(logged.length, 1);
  rmdirSync(`${path}.unfinished`);
  await once(happened, 'any');
  t.deepEqual(logged.slice(1), ['snapshot is written again']);
  t.is((await readSnapshot(path)).kind, 'loaded');
});
