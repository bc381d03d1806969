import test from 'ava';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { revision, routeRow } from '../table/sample-rows.ts';
import { Edge, heard } from './edge.ts';
import { PostgresProxy } from './postgres-proxy.ts';
import { Projections } from './projections.ts';

let postgres: TestPostgres;
let stopPostgres: (() => Promise<void>) | undefined;
test.before(async () => {
  postgres = await startTestPostgres({
    after: (stop) => {
      stopPostgres = stop;
    },
  });
});
test.after.always(() => stopPostgres?.());

test('is live once it has read what is there', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  await projections.route('a.test');
  const at = await projections.endpoint('i1', 'fd00::1');
  const edge = await Edge.live(t, { url: edgeUrl });
  t.deepEqual(edge.states, [{ kind: 'live' }]);
  t.is(edge.store.revision, revision(at));
  t.is([...edge.table.routes()][0]?.service.ready[0]?.address as string, 'fd00::1');
});

test('takes a change when it is notified, long before the timer', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  const edge = await Edge.live(t, { url: edgeUrl });
  await heard(edge, projections);
  const start = performance.now();
  await projections.route('new.test');
  await projections.notify();
  await edge.until(() => edge.hasRoute('new.test'));
  t.true(performance.now() - start < 5_000);

  await projections.deleteRoute('new.test');
  await projections.notify();
  await edge.until(() => !edge.hasRoute('new.test'));
  t.deepEqual(edge.routes(), []);
});

test('makes one read of many notifications that come while it reads', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  const proxy = await PostgresProxy.open(t, edgeUrl);
  const edge = await Edge.live(t, { url: proxy.url });
  await heard(edge, projections);
  const before = proxy.reads;
  await projections.run(`do $$ begin
    for n in 1..1000 loop perform pg_notify('weir_revision', n::text); end loop; end $$`);
  await projections.route('last.test');
  await projections.notify();
  await edge.until(() => edge.hasRoute('last.test'));
  t.true(proxy.reads - before < 20, `${proxy.reads - before} reads`);
});

test('reads page after page until nothing is left', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  await projections.routes(2_500, 'many');
  const edge = await Edge.live(t, { url: edgeUrl, pageRows: 100 });
  t.is(edge.table.sizes().routes, 2_501);
  t.is(edge.store.revision, revision(2_501));
  t.deepEqual(edge.states, [{ kind: 'live' }]);
});

test('leaves a bad row out, says so, keeps what it was before, and takes the rest', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  await projections.endpoint('i1', 'fd00::1');
  const edge = await Edge.live(t, { url: edgeUrl });

  await projections.endpoint('i1', '0.0.0.0');
  await projections.route('has a space.test');
  await projections.route('good.test');
  await projections.notify();
  await edge.until(() => edge.hasRoute('good.test'));
  t.deepEqual(
    edge.rejected.map(({ key, problem }) => ({ key, problem })),
    [
      { key: 'acme/shop/prod/web/i1', problem: 'address is the unspecified address' },
      { key: 'tls/has a space.test', problem: 'pattern has the character space' },
    ],
  );
  t.is([...edge.table.routes()][0]?.service.ready[0]?.address as string, 'fd00::1');
  t.is([...edge.subscriber.rejected].length, 2);
  t.true(edge.hasLogged('left out'));

  await projections.endpoint('i1', 'fd00::2');
  await projections.deleteRoute('has a space.test');
  await projections.notify();
  await edge.until(() => [...edge.subscriber.rejected].length === 0);
  t.is([...edge.table.routes()][0]?.service.ready[0]?.address as string, 'fd00::2');
});

test('reads everything anew behind a compaction, and tells what is gone', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  for (const name of ['kept.test', 'changed.test', 'gone.test']) await projections.route(name);
  await projections.endpoint('bad', 'fd00::1');
  const edge = await Edge.live(t, { url: edgeUrl, pageRows: 2 });
  edge.changes.length = 0;

  await projections.deleteRoute('gone.test');
  await projections.route('changed.test', { process: 'next' });
  await projections.route('new.test');
  await projections.endpoint('bad', '0.0.0.0');
  await projections.compact();
  await projections.notify();
  await edge.until(() => edge.table.revision === revision(8));
  t.deepEqual(edge.routes(), ['tls/changed.test', 'tls/kept.test', 'tls/new.test']);
  t.deepEqual(
    edge.changes.map(({ key, value }) => [key, value !== null]).sort(),
    [
      ['tls/changed.test', true],
      ['tls/gone.test', false],
      ['tls/new.test', true],
    ],
    'what has not changed is not told',
  );
  t.truthy(
    edge.store.get('endpoint', 'acme/shop/prod/web/bad'),
    'a row that is wrong now keeps its last good value',
  );
});

test('reads everything anew, and says so, from a database that is behind it', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  await projections.route('only.test');
  const edge = new Edge(t, { url: edgeUrl });
  for (const name of ['lost.test', 'only.test']) edge.store.apply(routeRow(name, { revision: 90 }));
  edge.store.settle(revision(100));
  edge.subscriber.start();
  await edge.until(() => edge.subscriber.state.kind === 'live');
  t.false(edge.hasRoute('lost.test'));
  t.true(edge.hasRoute('only.test'));
  t.is(edge.store.revision, revision(1));
  t.true(edge.hasLogged('restored to an earlier state'));
});

test('reads everything anew from another database, though its revisions would go on from the known ones', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  await projections.route('first.test');
  await projections.route('second.test');
  const edge = new Edge(t, { url: edgeUrl });
  edge.store.apply(routeRow('of-another.test', { revision: 1 }));
  edge.store.settle(revision(1));
  edge.store.follow('00000000-0000-4000-8000-000000000000');
  edge.subscriber.start();
  await edge.until(() => edge.subscriber.state.kind === 'live');
  t.deepEqual(edge.routes(), ['tls/first.test', 'tls/second.test']);
  t.is(edge.store.revision, revision(2));
  const [head] = await projections.run('select history from weir.head');
  t.is(edge.store.history, String(head?.['history']));
});

test('reads everything anew from a restored database whose revisions were moved beyond its own', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  await projections.route('only.test');
  await projections.run(
    'update weir.head set revision = revision + 1000000, compacted_to = revision + 1000000',
  );
  const edge = new Edge(t, { url: edgeUrl });
  edge.store.apply(routeRow('lost.test', { revision: 1 }));
  edge.store.settle(revision(1));
  edge.subscriber.start();
  await edge.until(() => edge.subscriber.state.kind === 'live');
  t.deepEqual(edge.routes(), ['tls/only.test']);
  t.is(edge.store.revision, revision(1_000_001));
});

test('starts its deltas at the revision that the store was filled with', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  const known = await projections.route('known.test');
  await projections.route('later.test');
  const edge = new Edge(t, { url: edgeUrl });
  edge.store.apply(routeRow('known.test', { revision: known }));
  edge.store.settle(revision(known));
  edge.subscriber.start();
  await edge.until(() => edge.subscriber.state.kind === 'live');
  t.deepEqual(
    edge.changes.map((change) => change.key),
    ['tls/later.test'],
  );
});

test('reports what it runs, and soon again when it has applied a change or has news', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  const edge = await Edge.live(t, { url: edgeUrl });
  const reported = async (
    isRight: (row: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>> => {
    for (;;) {
      const [row] = await projections.run('select * from weir.nodes');
      if (row !== undefined && isRight(row)) return row;
      await projections.run('select pg_sleep(0.02)');
    }
  };
  const first = await reported(() => true);
  t.like(first, { node: 'edge-1', revision: '0', listeners: [{ name: 'https', port: 443 }], errors: [] });
  t.deepEqual(first['public_addresses'], ['203.0.113.1']);
  t.deepEqual(first['started_at'], edge.startedAt);

  await projections.route('a.test');
  await projections.notify();
  await reported((row) => row['revision'] === '1');
  edge.errors = [{ listener: 'https', problem: 'in use' }];
  edge.subscriber.report();
  await reported((row) => JSON.stringify(row['errors']) !== '[]');
  t.is(edge.subscriber.state.kind, 'live');
});
