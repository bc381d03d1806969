import test from 'ava';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { expectOk, META, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const EVERY_TABLE = ['commands', 'pending_events', 'projected_events', 'failed_events', 'services'];

/** Who holds and may hold what. */
const HOLDINGS = ['domains', 'addresses', 'address_pool', 'policies'];

const ALLOWED_TO_EDGES = [
  'select * from weir.changes',
  'select revision, compacted_to from weir.head',
  'select * from weir.nodes',
  'select max(name) from weir.migrations',
  `insert into weir.nodes (node, revision, started_at) values ('mine', 1, now())
   on conflict (node) do update set revision = excluded.revision`,
];

const REFUSED_TO_EDGES = [
  'select * from weir.events',
  ...EVERY_TABLE.map((table) => `select * from weir.${table}`),
  ...['routes', 'ports', 'endpoints', 'port_pool', ...HOLDINGS].map((table) => `select * from weir.${table}`),
  `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
   values ('port-pool', 1, 'port-pool.defined', 1, '{}', 'mallory')`,
  'update weir.head set revision = 0',
  'update weir.head set compacted_to = revision',
  'delete from weir.routes where is_deleted',
  ...HOLDINGS.map((table) => `update weir.${table} set revision = 0`),
  'delete from weir.nodes',
  'truncate weir.nodes',
  `insert into weir.nodes (node, owner, revision, started_at) values ('x', 'weir_admin', 1, now())`,
  `insert into weir.migrations (name, run_on) values ('9999', now())`,
  'create table weir.mine ()',
  'create role mallory',
];

const ALLOWED_TO_CONTROL = [
  ...[
    'events',
    'routes',
    'ports',
    'endpoints',
    'port_pool',
    'changes',
    'head',
    'nodes',
    'migrations',
    ...EVERY_TABLE,
    ...HOLDINGS,
  ].map((table) => `select * from weir.${table}`),
  'create temporary table scratch (like weir.routes including all)',
  'delete from weir.failed_events where false',
  'update weir.head set compacted_to = revision',
  ...HOLDINGS.map((table) => `update weir.${table} set revision = revision where false`),
  'select pg_advisory_xact_lock(1, 2), pg_advisory_xact_lock_shared(1, 2)',
  ...['services', 'routes', 'ports', 'endpoints'].map(
    (table) => `delete from weir.${table} where is_deleted`,
  ),
];

const REFUSED_TO_CONTROL = [
  `update weir.events set actor = 'mallory'`,
  'delete from weir.events',
  'truncate weir.events',
  'insert into weir.pending_events values (99)',
  'update weir.projected_events set revision = 99',
  'delete from weir.routes',
  'delete from weir.services',
  'truncate weir.routes',
  'delete from weir.port_pool',
  ...HOLDINGS.flatMap((table) => [`delete from weir.${table}`, `truncate weir.${table}`]),
  `update weir.events set recorded_at = recorded_at - interval '25 hours' where type = 'domain.released'`,
  'delete from weir.projected_events',
  'update weir.head set history = gen_random_uuid()',
  'delete from weir.commands',
  `update weir.commands set fingerprint = ''`,
  `insert into weir.nodes (node, revision, started_at) values ('x', 1, now())`,
  'create table weir.mine ()',
  'alter table weir.events disable trigger all',
];

test('lets each role do what it is for', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: 1 }, META));
  for (const statement of ALLOWED_TO_EDGES) {
    await t.notThrowsAsync(query(database.edgeUrl, statement), statement);
  }
  for (const statement of ALLOWED_TO_CONTROL) {
    await t.notThrowsAsync(query(database.controlUrl, statement), statement);
  }
});

test('refuses everything else', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: 1 }, META));
  for (const [url, statements] of [
    [database.edgeUrl, REFUSED_TO_EDGES],
    [database.controlUrl, REFUSED_TO_CONTROL],
  ] as const) {
    for (const statement of statements) {
      const error = await t.throwsAsync(query(url, statement), undefined, statement);
      t.is(error && 'code' in error ? error.code : null, '42501', statement);
    }
  }
});

test('keeps an edge from writing what another login has reported', async (t) => {
  const database = await postgres.createDatabase();
  await query(
    database.adminUrl,
    `do $$ begin
       create role other_edge login password 'other';
       grant weir_edge to other_edge;
     end $$`,
  );
  const other = Object.assign(new URL(database.edgeUrl), { username: 'other_edge', password: 'other' }).href;
  const report = `insert into weir.nodes (node, revision, started_at) values ('shared', 1, now())
    on conflict (node) do update set revision = excluded.revision`;
  await query(other, report);

  await t.throwsAsync(query(database.edgeUrl, report), { message: /row-level security/ });
  t.deepEqual(await query(database.edgeUrl, 'update weir.nodes set revision = 9 returning node'), []);
  t.deepEqual(await query(database.edgeUrl, 'select node, owner, revision from weir.nodes'), [
    { node: 'shared', owner: 'other_edge', revision: '1' },
  ]);
  await t.throwsAsync(query(other, `update weir.nodes set owner = 'weir_admin'`), {
    message: /row-level security/,
  });
});
