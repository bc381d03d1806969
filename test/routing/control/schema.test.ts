import { readdirSync } from 'node:fs';
import test from 'ava';
import { migrate } from '../../../routing/control/migrate.ts';
import { openControl } from '../../../routing/control/open-control.ts';
import { SCHEMA_VERSION } from '../../../routing/control/schema-version.ts';
import { query, startTestPostgres } from '../../support/postgres.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

async function emptyDatabase(name: string): Promise<{ readonly adminUrl: string }> {
  const { adminUrl } = postgres.server;
  const maintenance = Object.assign(new URL(adminUrl), { pathname: '/postgres' }).href;
  await query(maintenance, `create database ${name} template template0`);
  return { adminUrl: Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href };
}

test('has the version of its last migration', (t) => {
  const files = readdirSync(new URL('../../../routing/control/migrations', import.meta.url)).toSorted();
  t.deepEqual(
    files.map((file) => Number(file.split('_')[0])),
    files.map((_, index) => index + 1),
  );
  t.is(SCHEMA_VERSION, files.length);
});

test('migrates an empty database, and one that is up to date not again', async (t) => {
  const { adminUrl } = await emptyDatabase('fresh');
  t.is((await migrate(adminUrl)).length, SCHEMA_VERSION);
  t.deepEqual(await migrate(adminUrl), []);
});

test('migrates once when two do it at the same time, in two databases of one server too', async (t) => {
  const [one, other] = [await emptyDatabase('one'), await emptyDatabase('other')];
  const done = await Promise.all([one, one, other, other].map(({ adminUrl }) => migrate(adminUrl)));
  t.deepEqual(
    done.map((names) => names.length).toSorted((a, b) => a - b),
    [0, 0, SCHEMA_VERSION, SCHEMA_VERSION],
  );
});

test('says of a database without a schema how to make it', async (t) => {
  const { adminUrl } = await emptyDatabase('bare');
  const error = await t.throwsAsync(openControl({ url: adminUrl }), { code: 'no-schema' });
  t.regex(error?.message ?? '', /weir database migrate/);
});

test('says which side to upgrade when the versions differ', async (t) => {
  const database = await postgres.createDatabase();
  await query(database.adminUrl, `delete from weir.migrations where name like '0006%'`);
  const older = await t.throwsAsync(openControl({ url: database.controlUrl }), { code: 'schema-version' });
  t.regex(older?.message ?? '', /schema version 5, this weir needs 6; run `weir database migrate`/);

  await query(database.adminUrl, `insert into weir.migrations (name, run_on) values ('0123_later', now())`);
  const newer = await t.throwsAsync(openControl({ url: database.controlUrl }), { code: 'schema-version' });
  t.regex(newer?.message ?? '', /schema version 123, this weir needs 6; upgrade this weir/);
  await t.throwsAsync(migrate(database.adminUrl), { code: 'schema-version' });
});

test('reads changes by revision at a cost that does not grow with the tables', async (t) => {
  const database = await postgres.createDatabase();
  await query(
    database.adminUrl,
    `insert into weir.routes
     select 'tls/h' || n, 'tls', 'h' || n, 'a/b/c/d', 1, 1, '[]', 'none', false, n, n % 7 = 0, 'ada', now(), now(), null, '{}'
     from generate_series(1, 100000) as n;
     insert into weir.endpoints
     select 'a/b/c/d/i' || n, 'a/b/c/d', 'i' || n, 'fd00::1', true, 100000 + n, false, 'ada', now()
     from generate_series(1, 100000) as n;
     analyze weir.routes, weir.ports, weir.endpoints`,
  );
  const page = 'select * from weir.changes where revision > 99950 order by revision limit 100';
  const rows = await query<{ revision: string }>(database.edgeUrl, page);
  t.deepEqual(
    rows.map(({ revision }) => Number(revision)),
    Array.from({ length: 100 }, (_, index) => 99_951 + index),
  );
  const plan = await query<{ 'QUERY PLAN': readonly [{ readonly Plan: object }] }>(
    database.adminUrl,
    `explain (analyze, buffers, format json) ${page}`,
  );
  const text = JSON.stringify(plan[0]?.['QUERY PLAN'][0].Plan);
  t.notRegex(
    text,
    /"Seq Scan","Parallel Aware":\w+,"Async Capable":\w+,"Parent Relationship":"Member","[^}]*routes/,
  );
  t.regex(text, /routes_revision_key/);
  t.regex(text, /endpoints_revision_key/);
  const top = plan[0]?.['QUERY PLAN'][0].Plan;
  const buffers = top && 'Shared Hit Blocks' in top ? Number(top['Shared Hit Blocks']) : Number.NaN;
  t.true(buffers < 100, `${buffers} pages read`);
});

test('gives an edge exactly the values of the model', async (t) => {
  const database = await postgres.createDatabase();
  await query(
    database.adminUrl,
    `insert into weir.routes values
       ('http/*.example.com', 'http', '*.example.com', 'a/b/c/d', 80, 3,
       '[{"service":"a/b/c/e","backendPort":81,"weight":0}]', 'v2', true, 1, false, 'ada', now(), now(), null, '{alpn,env}');
     insert into weir.routes values
       ('tls/a.example.com alpn h2', 'tls', 'a.example.com', 'a/b/c/d', 80, 1, '[]', 'none', false, 4, false, 'ada', now(), now(), 'h2', '{}');
     insert into weir.ports values ('port/25', null, 25, 'a/b/c/d', 2525, 1, '[]', 'none', 2, false, 'ada', now(), now(), '{}');
     insert into weir.endpoints values ('a/b/c/d/i', 'a/b/c/d', 'i', '::1', false, 3, false, 'ada', now())`,
  );
  t.deepEqual(await query(database.edgeUrl, 'select * from weir.changes order by revision'), [
    {
      revision: '1',
      kind: 'route',
      key: 'http/*.example.com',
      body: {
        listener: 'http',
        pattern: '*.example.com',
        alpn: null,
        service: 'a/b/c/d',
        backendPort: 80,
        weight: 3,
        others: [{ service: 'a/b/c/e', backendPort: 81, weight: 0 }],
        proxyProtocol: 'v2',
        proxyTlvs: ['alpn', 'env'],
        redirectToHttps: true,
      },
    },
    {
      revision: '2',
      kind: 'port',
      key: 'port/25',
      body: {
        address: null,
        port: 25,
        service: 'a/b/c/d',
        backendPort: 2525,
        weight: 1,
        others: [],
        proxyProtocol: 'none',
        proxyTlvs: [],
      },
    },
    {
      revision: '3',
      kind: 'endpoint',
      key: 'a/b/c/d/i',
      body: { service: 'a/b/c/d', instance: 'i', address: '::1', isReady: false },
    },
    {
      revision: '4',
      kind: 'route',
      key: 'tls/a.example.com alpn h2',
      body: {
        listener: 'tls',
        pattern: 'a.example.com',
        alpn: 'h2',
        service: 'a/b/c/d',
        backendPort: 80,
        weight: 1,
        others: [],
        proxyProtocol: 'none',
        proxyTlvs: [],
        redirectToHttps: false,
      },
    },
  ]);
});
