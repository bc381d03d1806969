import test from 'ava';
import { projectBatch } from '../../../routing/control/projection/project-batch.ts';
import { rebuildProjections } from '../../../routing/control/projection/rebuild.ts';
import { projectPending } from '../../../routing/control/projector.ts';
import { query, startTestPostgres, type TestDatabase } from '../../support/postgres.ts';
import { Edge } from '../stream/edge.ts';
import { APPEND, append, changes, client, expectOk, META, pool, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const TABLES = ['services', 'routes', 'ports', 'endpoints', 'port_pool', 'head', 'projected_events'];

/** Everything that is derived, and which transaction wrote each row. */
async function contents({ adminUrl }: TestDatabase) {
  return Promise.all(
    TABLES.map((table) => query(adminUrl, `select *, xmin from weir.${table} as entry order by entry::text`)),
  );
}

/** One of each, with changes, deletions and a second life. */
async function populate(t: Parameters<typeof startControl>[0]) {
  const { control, database } = await startControl(t, postgres);
  const route = { hostname: 'www.example.com', ...SHOP, backendPort: 1 };
  expectOk(await control.createRoute(route, META));
  expectOk(await control.updateRoute({ hostname: 'www.example.com', backendPort: 2 }, META));
  expectOk(await control.createRoute({ ...route, hostname: 'gone.example.com', env: 'staging' }, META));
  expectOk(await control.deleteRoute({ hostname: 'gone.example.com' }, META));
  expectOk(await control.createRoute({ ...route, hostname: 'again.example.com' }, META));
  expectOk(await control.deleteRoute({ hostname: 'again.example.com' }, META));
  expectOk(await control.createRoute({ ...route, hostname: 'again.example.com' }, META));
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  expectOk(await control.allocatePort({ ...SHOP, backendPort: 5432 }, META));
  expectOk(
    await control.reportEndpoint({ ...SHOP, instance: 'i-1', address: 'fd00::1', state: 'ready' }, META),
  );
  return { control, database };
}

test('an identical rebuild changes nothing', async (t) => {
  const { database } = await populate(t);
  const before = await contents(database);

  const rebuilt = await rebuildProjections(pool(t, database), { isDryRun: false });

  t.deepEqual(rebuilt, {
    events: 10,
    setAside: 0,
    revision: 10,
    differing: 0,
    differences: [],
    isRepaired: false,
  });
  t.deepEqual(await contents(database), before);
});

test('finds and repairs what is missing, different and unexplained, and an edge takes it by deltas', async (t) => {
  const { database } = await populate(t);
  const edge = await Edge.live(t, { url: database.edgeUrl });
  const healthy = edge.routes();
  await query(
    database.adminUrl,
    `begin;
     alter table weir.routes disable trigger all;
     delete from weir.routes where key = 'tls/again.example.com';
     update weir.routes set hostname = 'wrong.example.com', backend_port = 3 where key = 'tls/www.example.com';
     update weir.endpoints set address = 'fd00::bad', revision = 12;
     insert into weir.routes select 'tls/alien.example.com', listener, 'alien.example.com', service, backend_port,
       weight, others, proxy_protocol, redirect_to_https, 13, false, 'mallory', created_at, updated_at, alpn, proxy_tlvs
       from weir.routes where key = 'tls/www.example.com';
     insert into weir.services values ('o/a/e/p', 'o', 'a', 'e', 'p', 11);
     update weir.head set revision = 13;
     commit`,
  );
  const projector = pool(t, database);
  const broken = await contents(database);

  const dry = await rebuildProjections(projector, { isDryRun: true });
  t.deepEqual(
    dry.differences.map(({ projection, key, kind, columns }) => [projection, key, kind, columns.join()]),
    [
      ['endpoints', 'acme/shop/production/web/i-1', 'different', 'address'],
      ['routes', 'tls/again.example.com', 'missing', ''],
      ['routes', 'tls/alien.example.com', 'unexplained', ''],
      ['routes', 'tls/www.example.com', 'different', 'backend_port,hostname'],
      ['services', 'o/a/e/p', 'unexplained', ''],
    ],
  );
  t.false(dry.isRepaired);
  t.deepEqual(await contents(database), broken);

  const repaired = await rebuildProjections(projector, { isDryRun: false });
  t.like(repaired, { differing: 5, isRepaired: true, revision: 18 });
  t.like(await rebuildProjections(projector, { isDryRun: true }), { differing: 0, revision: 18 });
  t.deepEqual(
    (await changes(database)).filter(([revision]) => Number(revision) > 13),
    [
      [14, 'acme/shop/production/web/i-1', true],
      [15, 'tls/again.example.com', true],
      [16, 'tls/alien.example.com', false],
      [17, 'tls/www.example.com', true],
    ],
  );
  await edge.until(() => edge.store.revision >= 18);
  t.deepEqual(edge.routes(), healthy);
  t.deepEqual(edge.rejected, []);
});

test('goes on from a repair as before: commands project, and the next rebuild finds nothing', async (t) => {
  const { control, database } = await populate(t);
  await query(database.adminUrl, `update weir.routes set backend_port = 9 where key = 'tls/www.example.com'`);
  const projector = pool(t, database);
  t.like(await rebuildProjections(projector, { isDryRun: false }), { differing: 1, revision: 11 });

  const updated = expectOk(await control.updateRoute({ hostname: 'www.example.com', backendPort: 7 }, META));
  t.is(updated.revision, 12);
  expectOk(await control.deleteRoute({ hostname: 'again.example.com' }, META));
  t.like(await rebuildProjections(projector, { isDryRun: true }), { events: 12, differing: 0 });
});

test('takes in what is projected while it folds, and lets it be projected', async (t) => {
  const { control, database } = await populate(t);
  const holder = await client(t, database.adminUrl);
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock($1)', [0x77656972]);
  const rebuilding = rebuildProjections(pool(t, database), { isDryRun: false });
  const waiting = `select from pg_stat_activity where datname = current_database()
    and application_name = 'test' and wait_event = 'advisory'`;
  while ((await query(database.adminUrl, waiting)).length === 0);

  // It has folded, and waits for the lock behind this one, which lets a batch of another projector go first.
  await append(database, 'late.example.com');
  const one = await holder.query<{ seq: string }>('select seq from weir.pending_events');
  await holder.query(
    `with gone as (delete from weir.pending_events)
     insert into weir.projected_events select $1, 11`,
    [one.rows[0]?.seq],
  );
  await holder.query(
    `insert into weir.routes select 'tls/late.example.com', 'tls', 'late.example.com', service, 8443, 1, '[]', 'none', false,
       11, false, 'ada', at, at, null, '{}'
     from weir.routes, (select date_trunc('milliseconds', recorded_at) as at from weir.events
       where stream = 'route/tls/late.example.com') as event where key = 'tls/www.example.com'`,
  );
  await holder.query('update weir.head set revision = 11');
  await holder.query('commit');

  t.like(await rebuilding, { events: 11, differing: 0, revision: 11 });
  t.is(expectOk(await control.showRoute({ hostname: 'late.example.com' })).route.backendPort, 8443);
});

test('leaves alone what is pending and what was set aside', async (t) => {
  const database = await postgres.createDatabase();
  const projector = pool(t, database);
  await append(database, 'a.example.com');
  await append(database, 'two words');
  await projectPending(projector);
  await append(database, 'b.example.com');

  t.like(await rebuildProjections(projector, { isDryRun: false }), {
    events: 1,
    setAside: 1,
    differing: 0,
  });
  t.is((await query(database.adminUrl, 'select from weir.pending_events')).length, 1);
  t.is((await query(database.adminUrl, 'select from weir.failed_events')).length, 1);
});

test('comes to the same over many pages and batches', async (t) => {
  const database = await postgres.createDatabase();
  await query(
    database.adminUrl,
    `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
     select 'route/tls/h' || n % 700 || '.example.com', 1 + n / 700,
       (array['route.created', 'route.updated', 'route.deleted', 'route.created', 'route.deleted'])[1 + n / 700], 1,
       jsonb_build_object('listener', 'tls', 'pattern', 'h' || n % 700 || '.example.com',
         'service', 'acme/shop/production/p' || n % 7, 'backendPort', 1 + n % 500, 'proxyProtocol', 'none',
         'redirectToHttps', false), 'ada'
     from generate_series(0, 3300) as n order by n`,
  );
  const projector = pool(t, database);
  while ((await projectBatch(projector, 300)).taken > 0);
  t.like(await rebuildProjections(projector, { isDryRun: true }), { events: 3301, differing: 0 });
});

test('changes nothing where an event that was projected cannot be read any more', async (t) => {
  const { database } = await populate(t);
  await query(
    database.adminUrl,
    `begin;
     alter table weir.events disable trigger all;
     update weir.events set schema_version = 9 where seq = 1;
     update weir.routes set backend_port = 9;
     commit`,
  );
  const before = await contents(database);
  const error = await t.throwsAsync(rebuildProjections(pool(t, database), { isDryRun: false }), {
    code: 'query',
  });
  t.regex(error?.message ?? '', /event 1 was projected and cannot be read now/);
  t.deepEqual(await contents(database), before);
});

test('is not held up by a writer, and holds none up', async (t) => {
  const { database } = await populate(t);
  const writer = await client(t, database.controlUrl);
  await writer.query('begin');
  await writer.query(APPEND, ['open.example.com', 1, 'route.created']);
  t.like(await rebuildProjections(pool(t, database), { isDryRun: false }), { events: 10, differing: 0 });
  await writer.query('commit');
  t.is((await projectPending(pool(t, database))).taken, 1);
});
