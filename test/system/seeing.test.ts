import test from 'ava';
import { PostgresProxy } from '../routing/stream/postgres-proxy.ts';
import { Projections } from '../routing/stream/projections.ts';
import { weir } from '../support/command-line.ts';
import { ControlPlane } from '../support/control-plane.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '../support/postgres.ts';
import { fileScope, testScope } from '../support/scope.ts';
import { alertOf, echoOnce, startTlsBackend } from '../support/tls.ts';
import { until } from '../support/until.ts';

const scope = fileScope(test);
let postgres: TestPostgres;
let database: TestDatabase;
let plane: ControlPlane;
let edge: TestEdge;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
  database = await postgres.createDatabase();
  plane = await ControlPlane.open(scope, database.controlUrl);
  edge = await startEdge(scope, {
    databaseUrl: database.edgeUrl,
    settings: { public_addresses: ['203.0.113.1', '2001:db8::1'] },
  });
});

test('an edge is not ready, and takes no connections, until its table is loaded', async (t) => {
  const { controlUrl, edgeUrl } = await postgres.createDatabase();
  const backend = await startTlsBackend(testScope(t));
  const own = await ControlPlane.open(testScope(t), controlUrl);
  const target = { process: 'early', backendPort: backend.port };
  const revision = await own.serve('early.system.test', target);
  const proxy = await PostgresProxy.open(t, edgeUrl);
  proxy.onRead = () => {
    proxy.isSilent = true;
  };
  const starting = await startEdge(testScope(t), {
    databaseUrl: proxy.url,
    untilReady: false,
    settings: { stream: { query_timeout: '500ms', connect_timeout: '500ms' } },
  });
  const app = { port: starting.tlsPort, serverName: 'early.system.test' };
  await starting.until('the workers run', ({ workers }) => workers.every(({ state }) => state === 'running'));
  const { status, body } = await starting.get('/readyz');
  t.is(status, 503);
  t.regex(body, /the routing table is not loaded yet/);
  t.is((await starting.get('/livez')).status, 200);
  t.is((await starting.metrics()).get('weir_ready'), 0);
  await t.throwsAsync(echoOnce(app), { code: 'ECONNREFUSED' });

  proxy.onRead = () => {};
  proxy.isSilent = false;
  await starting.ready();
  await starting.applied(revision);
  await t.notThrowsAsync(echoOnce(app));
});

test('a bad row harms only itself, keeps its last good value, and is reported until it is mended', async (t) => {
  const backend = await startTlsBackend(testScope(t));
  const target = { process: 'rows', backendPort: backend.port };
  await plane.serve('spoilt.system.test', target);
  await edge.applied(await plane.createRoute('sound.system.test', target));
  const projections = await Projections.open(t, database.adminUrl);
  const rename = async (hostname: string) => {
    await projections.run(
      `with next as (update weir.head set revision = revision + 1 returning revision)
       update weir.routes set hostname = '${hostname}', revision = next.revision from next
       where key = 'tls/spoilt.system.test'`,
    );
    await projections.notify();
  };
  await rename('two words');
  await edge.until('the rejected row', ({ rejected }) => rejected.length === 1);
  const later = 'later.system.test';
  await edge.applied(await plane.createRoute(later, target));
  for (const serverName of ['spoilt.system.test', 'sound.system.test', later]) {
    await echoOnce({ port: edge.tlsPort, serverName });
  }
  const { rejected } = await edge.routes();
  t.like(rejected[0], { kind: 'route', key: 'tls/spoilt.system.test' });
  t.regex(String(rejected[0]?.['problem']), /^pattern /);
  t.is((await edge.metrics()).get('weir_table_rows{kind="rejected"}'), 1);

  const fresh = await startEdge(testScope(t), { databaseUrl: database.edgeUrl, workers: 1 });
  t.is(await alertOf({ port: fresh.tlsPort, serverName: 'spoilt.system.test' }), 112);
  await echoOnce({ port: fresh.tlsPort, serverName: 'sound.system.test' });

  await rename('spoilt.system.test');
  await edge.until('no rejected row', ({ rejected: rows }) => rows.length === 0);
  await fresh.until('no rejected row', ({ rejected: rows }) => rows.length === 0);
  await fresh.applied((await edge.status()).revision);
  await echoOnce({ port: fresh.tlsPort, serverName: 'spoilt.system.test' });
});

test('/routes shows what is routed and why not, and can be narrowed', async (t) => {
  await plane.createRoute('shown.system.test', { process: 'shown', backendPort: 443, proxyProtocol: 'v2' });
  await edge.applied(
    await plane.createRoute('shown.system.test', { process: 'shown', backendPort: 80 }, { listener: 'http' }),
  );
  const both = (await edge.routes('?search=shown.system')).routes;
  t.deepEqual(both.map((route) => route['key']).sort(), ['http/shown.system.test', 'tls/shown.system.test']);
  t.deepEqual((await edge.routes('?search=tls%2Fshown')).routes, [
    {
      key: 'tls/shown.system.test',
      listener: 'tls',
      hostname: 'shown.system.test',
      alpn: null,
      service: 'acme/shop/production/shown',
      backendPort: 443,
      weight: 1,
      readyEndpoints: 0,
      others: [],
      proxyProtocol: 'v2',
      proxyTlvs: [],
      redirectToHttps: false,
      isLive: false,
      reason: 'no-endpoint',
    },
  ]);
  t.deepEqual((await edge.routes('?org=nobody')).routes, []);
  t.true((await edge.routes('?org=acme&search=shown')).routes.length === 2);

  await edge.applied(await plane.reportEndpoint('shown', '127.0.0.1'));
  t.like((await edge.routes('?search=tls%2Fshown')).routes[0], { isLive: true, reason: null });
});

test('the admin server answers what it has and refuses the rest', async (t) => {
  for (const path of ['/', '/livez', '/readyz', '/metrics', '/routes', '/edge']) {
    t.is((await edge.get(path)).status, 200, path);
  }
  t.is((await edge.get('/nothing')).status, 404);
  const posted = await fetch(`http://127.0.0.1:${edge.adminPort}/readyz`, { method: 'POST' });
  t.is(posted.status, 405);
  t.is(posted.headers.get('allow'), 'GET, HEAD');
});

test('"weir node list" shows the edge as live, with what it has applied and where clients reach it', async (t) => {
  const revision = await plane.createRoute('beat.system.test', { process: 'beat', backendPort: 1 });
  await edge.applied(revision);
  const found = await until('the heartbeat', async () => {
    const { stdout } = await weir(['node', 'list', '--json', '--database-url', database.controlUrl]);
    const nodes: readonly { readonly node: string; readonly revision: number }[] = JSON.parse(stdout);
    return nodes.find((each) => each.node === 'edge-1' && each.revision >= revision);
  });
  t.like(found, { isLive: true, publicAddresses: ['203.0.113.1', '2001:db8::1'] });
});
