import test from 'ava';
import { rebuildProjections } from '../../../routing/control/projection/rebuild.ts';
import { projectPending } from '../../../routing/control/projector.ts';
import { query, startTestPostgres, type TestDatabase } from '../../support/postgres.ts';
import { Edge } from '../stream/edge.ts';
import { connect, expectOk, META, pool, SHOP } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const SERVICE = 'acme/shop/production/web';
const ROUTE = {
  listener: 'tls',
  service: SERVICE,
  backendPort: 8443,
  proxyProtocol: 'none',
  redirectToHttps: false,
};
const PORT = { port: 20_000, service: SERVICE, backendPort: 5432, proxyProtocol: 'v2' };

/** A log as the version of weir left it that knew one backend. */
const LOG: readonly (readonly [stream: string, version: number, type: string, payload: object])[] = [
  ['route/tls/a.example.com', 1, 'route.created', { ...ROUTE, pattern: 'a.example.com' }],
  ['route/tls/a.example.com', 2, 'route.updated', { ...ROUTE, pattern: 'a.example.com', backendPort: 9443 }],
  ['route/tls/b.example.com', 1, 'route.created', { ...ROUTE, pattern: 'b.example.com' }],
  ['route/tls/b.example.com', 2, 'route.deleted', { ...ROUTE, pattern: 'b.example.com' }],
  ['port/20000', 1, 'port.allocated', PORT],
  ['port/20001', 1, 'port.allocated', { ...PORT, port: 20_001 }],
  ['port/20001', 2, 'port.released', { ...PORT, port: 20_001 }],
];

async function oldLog(): Promise<TestDatabase> {
  const database = await postgres.createDatabase();
  for (const [stream, version, type, payload] of LOG) {
    await query(
      database.controlUrl,
      `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
       values ($1, $2, $3, 1, $4, 'ada')`,
      [stream, version, type, JSON.stringify(payload)],
    );
  }
  return database;
}

test('projects events of version 1 with one backend, and a rebuild comes to the same', async (t) => {
  const database = await oldLog();
  const projector = pool(t, database);
  t.like(await projectPending(projector), { taken: 7, failed: [] });
  const rows = await query<{ key: string; body: object | null }>(
    database.edgeUrl,
    'select key, body from weir.changes order by revision',
  );
  t.deepEqual(rows, [
    {
      key: 'tls/a.example.com',
      body: {
        ...ROUTE,
        pattern: 'a.example.com',
        alpn: null,
        backendPort: 9443,
        weight: 1,
        others: [],
        proxyTlvs: [],
      },
    },
    { key: 'tls/b.example.com', body: null },
    // What such a port's backend has always been sent.
    {
      key: 'port/20000',
      body: { ...PORT, address: null, weight: 1, others: [], proxyTlvs: ['alpn', 'crc32c'] },
    },
    { key: 'port/20001', body: null },
  ]);
  t.like(await rebuildProjections(projector, { isDryRun: true }), { events: 7, differing: 0 });
});

test('goes on from events of version 1 with commands, which write the present version', async (t) => {
  const database = await oldLog();
  const control = await connect(t, database);
  const others = [{ ...SHOP, process: 'canary', backendPort: 9443, weight: 5 }];
  const split = await control.updateRoute({ hostname: 'a.example.com', weight: 95, others }, META);
  t.like(expectOk(split), { backendPort: 9443, weight: 95, others: [{ process: 'canary', weight: 5 }] });
  t.like(expectOk(await control.releasePort({ port: 20_000 }, META)), { weight: 1, others: [] });
  t.is((await control.releasePort({ port: 20_001 }, META)).kind, 'not-found');

  t.deepEqual(
    await query(
      database.adminUrl,
      `select distinct type, schema_version from weir.events where seq > 7 order by type`,
    ),
    [
      { type: 'port.released', schema_version: 3 },
      { type: 'route.updated', schema_version: 4 },
    ],
  );
  const { events } = expectOk(await control.listEvents({ route: 'a.example.com' }));
  t.deepEqual(
    events.map(({ schemaVersion, summary }) => [schemaVersion, summary]),
    [
      [1, 'a.example.com → acme/shop/production/web port 8443'],
      [1, 'a.example.com → acme/shop/production/web port 9443'],
      [
        4,
        'a.example.com → acme/shop/production/web port 9443 weight 95, acme/shop/production/canary port 9443 weight 5',
      ],
    ],
  );
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), { events: 9, differing: 0 });
  const edge = await Edge.live(t, { url: database.edgeUrl });
  t.deepEqual(edge.rejected, []);
});

test('goes on from a route of version 3, which asked for no protocol, and puts one beside it that does', async (t) => {
  const database = await postgres.createDatabase();
  const third = { ...ROUTE, pattern: 'a.example.com', weight: 1, others: [], proxyTlvs: [] };
  await query(
    database.controlUrl,
    `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
     values ('route/tls/a.example.com', 1, 'route.created', 3, $1, 'ada')`,
    [JSON.stringify(third)],
  );
  const control = await connect(t, database);
  t.is(
    (await control.createRoute({ ...SHOP, hostname: 'a.example.com', backendPort: 1 }, META)).kind,
    'conflict',
  );
  const asking = { ...SHOP, hostname: 'a.example.com', alpn: 'acme-tls/1', backendPort: 1 };
  expectOk(await control.createRoute(asking, META));
  t.deepEqual(
    (await control.listRoutes({})).map(({ alpn, backendPort }) => [alpn, backendPort]),
    [
      [null, 8443],
      ['acme-tls/1', 1],
    ],
  );
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), { events: 2, differing: 0 });
  const edge = await Edge.live(t, { url: database.edgeUrl });
  t.deepEqual(edge.rejected, []);
});

test('sets an event of version 1 aside that was never right', async (t) => {
  const database = await postgres.createDatabase();
  for (const payload of ['[]', '{"listener":"tls"}', 'null', '{"others":[],"weight":3}']) {
    await query(
      database.controlUrl,
      `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
       select 'route/tls/x', 1 + count(*), 'route.created', 1, $1, 'ada' from weir.events`,
      [payload],
    );
  }
  t.is((await projectPending(pool(t, database))).failed.length, 4);
});
