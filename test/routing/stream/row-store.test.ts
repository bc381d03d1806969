import test from 'ava';
import fc from 'fast-check';
import type { Change } from '../../../routing/model/change.ts';
import { FullRead } from '../../../routing/stream/full-read.ts';
import { RowStore } from '../../../routing/stream/row-store.ts';
import { endpointRow, gone, portRow, revision, routeRow } from '../table/sample-rows.ts';

function storeOf(...changes: readonly Change[]): RowStore {
  const store = new RowStore();
  for (const change of changes) store.apply(change);
  return store;
}

function all(store: RowStore): readonly Change[] {
  return [...store.chunks(3)].flat();
}

const row = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('a.com', 'b.com', 'c.com', '*.com'),
      fc.record({ process: fc.constantFrom('web', 'api') }),
    )
    .map((sample) => routeRow(...sample)),
  fc.constantFrom(20000, 20001).map((port) => portRow(port)),
  fc
    .tuple(fc.constantFrom('i1', 'i2', 'i3', 'i4'), fc.record({ isReady: fc.boolean() }))
    .map((sample) => endpointRow(...sample)),
);
const change = fc.oneof(
  { weight: 2, arbitrary: row },
  { weight: 1, arbitrary: row.map((sample) => gone(sample)) },
);

test('keeps the latest row of each key and forgets what is gone', (t) => {
  const store = storeOf(
    routeRow('a.com'),
    portRow(20000),
    endpointRow('i1'),
    gone(portRow(20000)),
    gone(portRow(1)),
  );
  store.apply(routeRow('a.com', { revision: 9 }));
  t.is(store.size, 2);
  t.is(store.get('route', 'tls/a.com')?.revision, revision(9));
  t.is(store.get('port', 'port/20000'), undefined);
});

test('hands out endpoints before the routes that need them, in chunks of the size asked for', (t) => {
  const store = storeOf(
    routeRow('a.com'),
    portRow(20000),
    endpointRow('i1'),
    endpointRow('i2'),
    endpointRow('i3'),
  );
  const chunks = [...store.chunks(2)];
  t.deepEqual(
    chunks.map((chunk) => chunk.length),
    [2, 2, 1],
  );
  t.deepEqual(
    chunks.flat().map((one) => one.kind),
    ['endpoint', 'endpoint', 'endpoint', 'route', 'port'],
  );
  t.deepEqual([...new RowStore().chunks(2)], []);
});

test('brings a copy that takes chunks and the changes between them to the same rows', (t) => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 20 }),
      fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      (start, batches, size) => {
        const store = storeOf(...start);
        const copy = new RowStore();
        const pending = [...batches];
        for (const chunk of store.chunks(size)) {
          for (const one of chunk) copy.apply(one);
          for (const one of pending.shift() ?? []) {
            store.apply(one);
            copy.apply(one);
          }
        }
        t.deepEqual(contentOf(copy), contentOf(store));
      },
    ),
  );
});

test('turns a full read into the changes that make the store what was read', (t) => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), fc.array(row, { maxLength: 20 }), (before, read) => {
      const store = storeOf(...before);
      const known = storeOf(...before);
      const expected = storeOf(...read);
      const full = new FullRead(store);
      const told: Change[] = [];
      for (const one of all(expected)) if (full.isNews(one)) told.push(one);
      for (const one of told) store.apply(one);
      for (const deletions of full.deletions(revision(9), 2)) {
        told.push(...deletions);
        for (const one of deletions) store.apply(one);
      }
      t.deepEqual(contentOf(store), contentOf(expected));
      for (const one of told) t.notDeepEqual(known.get(one.kind, one.key)?.value, one.value);
    }),
  );
});

test('keeps what was good of a row that a full read shows and rejects', (t) => {
  const store = storeOf(routeRow('a.com'), endpointRow('i1'), endpointRow('i2'));
  const full = new FullRead(store);
  full.keep('route', 'tls/a.com');
  full.keep('endpoint', endpointRow('i1').key);
  full.keep('certificate', 'x');
  t.deepEqual(
    [...full.deletions(revision(9), 10)]
      .flat()
      .map((one) => [one.kind, one.key, one.revision as number, one.value]),
    [['endpoint', endpointRow('i2').key, 9, null]],
  );
});

function contentOf(store: RowStore): readonly string[] {
  return all(store)
    .map(({ kind, key, value }) => JSON.stringify([kind, key, value]))
    .sort();
}
