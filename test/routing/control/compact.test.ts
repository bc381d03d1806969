import test from 'ava';
import { compactTombstones } from '../../../routing/control/projection/compact.ts';
import { rebuildProjections } from '../../../routing/control/projection/rebuild.ts';
import { runProjector } from '../../../routing/control/projector.ts';
import { query, silentLog, startTestPostgres, type TestDatabase } from '../../support/postgres.ts';
import { Edge } from '../stream/edge.ts';
import { PostgresProxy } from '../stream/postgres-proxy.ts';
import { changes, expectOk, META, pool, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const DAY_MS = 86_400_000;
const AGED = `update weir.routes set updated_at = updated_at - interval '25 hours' where key = 'tls/old.example.com'`;

/** A route that is there, one that was deleted long ago, and one that was deleted now. */
async function withTombstones(t: Parameters<typeof startControl>[0]) {
  const { control, database } = await startControl(t, postgres);
  for (const hostname of ['old.example.com', 'new.example.com', 'www.example.com'])
    expectOk(await control.createRoute({ hostname, ...SHOP, backendPort: 1 }, META));
  expectOk(await control.deleteRoute({ hostname: 'old.example.com' }, META));
  expectOk(await control.deleteRoute({ hostname: 'new.example.com' }, META));
  await query(database.adminUrl, AGED);
  return { control, database };
}

async function compactedTo({ edgeUrl }: TestDatabase): Promise<number> {
  const [head] = await query<{ compacted_to: string }>(edgeUrl, 'select compacted_to from weir.head');
  return Number(head?.compacted_to);
}

test('removes old tombstones only, and raises the mark to the highest revision that went', async (t) => {
  const { database } = await withTombstones(t);
  const projector = pool(t, database);

  t.deepEqual(await compactTombstones(projector, DAY_MS), { removed: 1, compactedTo: 4 });
  t.deepEqual(await changes(database), [
    [3, 'tls/www.example.com', true],
    [5, 'tls/new.example.com', false],
  ]);
  t.is(await compactedTo(database), 4);
  t.deepEqual(await compactTombstones(projector, DAY_MS), { removed: 0, compactedTo: 4 });
  t.deepEqual(await compactTombstones(projector, 0), { removed: 1, compactedTo: 5 });
});

test('a rebuild does not miss what compaction has removed', async (t) => {
  const { database } = await withTombstones(t);
  const projector = pool(t, database);
  await compactTombstones(projector, 0);
  t.like(await rebuildProjections(projector, { isDryRun: true }), { differing: 0 });
});

test('an edge behind the mark reads everything anew, and one that is current goes on', async (t) => {
  const { control, database } = await withTombstones(t);
  expectOk(await control.createRoute({ hostname: 'short.example.com', ...SHOP, backendPort: 1 }, META));
  const current = await Edge.live(t, { url: database.edgeUrl });
  const proxy = await PostgresProxy.open(t, database.edgeUrl);
  const behind = await Edge.live(t, { url: proxy.url });
  t.true(behind.hasRoute('short.example.com'));

  proxy.isClosed = true;
  proxy.cut();
  await behind.until(() => behind.subscriber.state.kind === 'stale');
  expectOk(await control.deleteRoute({ hostname: 'short.example.com' }, META));
  await current.until(() => !current.hasRoute('short.example.com'));
  t.like(await compactTombstones(pool(t, database), 0), { removed: 3, compactedTo: 7 });
  proxy.isClosed = false;

  await behind.until(() => behind.subscriber.state.kind === 'live');
  t.deepEqual(behind.routes(), ['tls/www.example.com']);
  t.deepEqual(current.routes(), ['tls/www.example.com']);
});

test('a name that was compacted away can be bound again', async (t) => {
  const { control, database } = await withTombstones(t);
  await compactTombstones(pool(t, database), 0);
  const again = expectOk(
    await control.createRoute({ hostname: 'old.example.com', ...SHOP, backendPort: 2 }, META),
  );
  t.is(again.revision, 6);
  t.is(again.createdAt, again.updatedAt);
});

test('a running projector compacts on its own', async (t) => {
  const { database } = await withTombstones(t);
  const stop = new AbortController();
  const running = runProjector({
    url: database.controlUrl,
    log: silentLog,
    signal: stop.signal,
    compactEveryMs: 50,
  });
  while ((await compactedTo(database)) < 4);
  await query(
    database.adminUrl,
    `update weir.routes set updated_at = updated_at - interval '25 hours' where is_deleted`,
  );
  while ((await compactedTo(database)) < 5);
  stop.abort();
  await running;
  t.deepEqual(await changes(database), [[3, 'tls/www.example.com', true]]);
});
