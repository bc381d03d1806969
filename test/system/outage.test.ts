import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../routing/control/embedded-postgres.ts';
import { PostgresProxy } from '../routing/stream/postgres-proxy.ts';
import { ControlPlane } from '../support/control-plane.ts';
import { startEdge } from '../support/edge.ts';
import { makeStateDir, silentLog } from '../support/postgres.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { connectTls, echoOnce, exchange, startTlsBackend } from '../support/tls.ts';
import { startTraffic } from '../support/traffic.ts';
import { until } from '../support/until.ts';

test('PostgreSQL is killed under load and comes back: no connection fails, and the edge catches up', async (t) => {
  const scope = testScope(t);
  const database = await startDatabase(scope);
  const backend = await startTlsBackend(scope);
  const target = { process: 'app', backendPort: backend.port };
  const edge = await startEdge(scope, { databaseUrl: database.server.edgeUrl });
  const app = { port: edge.tlsPort, serverName: 'app.system.test' };
  await edge.applied(await database.change((plane) => plane.serve(app.serverName, target)));
  const held = await connectTls(scope, app);
  const traffic = startTraffic(() => echoOnce(app), 2);

  await database.kill();
  const stale = await edge.until('stale', ({ stream }) => stream.state === 'stale');
  t.regex(stale.stream.problem ?? '', /./);
  t.deepEqual(stale.unready, []);
  t.is((await edge.get('/readyz')).status, 200);
  t.is((await edge.metrics()).get('weir_stream_live'), 0);
  const countWhenStale = traffic.count;
  await until('more traffic', () => traffic.count > countWhenStale + 20);

  await database.start();
  const revision = await database.change((plane) => plane.createRoute('later.system.test', target));
  await edge.applied(revision);
  await edge.until('live', ({ stream }) => stream.state === 'live');
  await echoOnce({ port: edge.tlsPort, serverName: 'later.system.test' });
  await exchange(held, 'still here');
  t.deepEqual(await traffic.stop(), []);
  t.true((await edge.metrics()).get('weir_stream_live') === 1);
});

test('an edge that starts while PostgreSQL is away serves from its snapshot, and catches up', async (t) => {
  const scope = testScope(t);
  const stateDir = makeStateDir();
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  const database = await startDatabase(scope);
  const backend = await startTlsBackend(scope);
  const target = { process: 'app', backendPort: backend.port };
  const revision = await database.change((plane) => plane.serve('app.system.test', target));
  const databaseUrl = database.server.edgeUrl;

  const first = await startEdge(scope, { databaseUrl, stateDir });
  await first.applied(revision);
  await database.kill();
  first.weir.kill('SIGTERM');
  t.deepEqual(await first.weir.exit(), { code: 0, signal: null });

  const second = await startEdge(scope, { databaseUrl, stateDir });
  t.is(
    (await second.weir.entry((entry) => /last-known-good/.test(String(entry['msg']))))['revision'],
    revision,
  );
  const { stream, unready } = await second.status();
  t.is(stream.state, 'stale');
  t.true((stream.staleSeconds ?? 0) > 0);
  t.deepEqual(unready, []);
  await echoOnce({ port: second.tlsPort, serverName: 'app.system.test' });

  await database.start();
  await second.applied(await database.change((plane) => plane.createRoute('later.system.test', target)));
  await second.until('live', (status) => status.stream.state === 'live');
  await echoOnce({ port: second.tlsPort, serverName: 'later.system.test' });
});

test('changes whose notifications were lost with the connection arrive when it is back, without the timer', async (t) => {
  const scope = testScope(t);
  const database = await startDatabase(scope);
  const proxy = await PostgresProxy.open(t, database.server.edgeUrl);
  const edge = await startEdge(scope, {
    databaseUrl: proxy.url,
    settings: { stream: { poll_interval: '1m' } },
  });
  await edge.until('live', ({ stream }) => stream.state === 'live');

  proxy.isClosed = true;
  proxy.cut();
  await edge.until('stale', ({ stream }) => stream.state === 'stale');
  const target = { process: 'app', backendPort: 1 };
  await database.change((plane) => plane.createRoute('one.system.test', target));
  const revision = await database.change((plane) => plane.createRoute('two.system.test', target));
  t.true((await edge.status()).revision < revision);
  proxy.isClosed = false;
  await edge.applied(revision);
  const { routes } = await edge.routes('?search=.system.test');
  t.deepEqual(routes.map((route) => route['key']).sort(), ['tls/one.system.test', 'tls/two.system.test']);
});

test('behind a pooler that swallows notifications changes arrive by the timer, and it is said once', async (t) => {
  const scope = testScope(t);
  const database = await startDatabase(scope);
  const proxy = await PostgresProxy.open(t, database.server.edgeUrl);
  proxy.dropsNotifications = true;
  const edge = await startEdge(scope, {
    databaseUrl: proxy.url,
    settings: { stream: { poll_interval: '300ms' } },
  });
  const warning = await edge.weir.entry((entry) => /notifications do not arrive/.test(String(entry['msg'])));
  t.like(warning, { level: 'warn' });
  t.regex(String(warning['msg']), /pooler in transaction mode.*polling every 300 ms/);
  const target = { process: 'app', backendPort: 1 };
  await edge.applied(await database.change((plane) => plane.createRoute('polled.system.test', target)));
  const warnings = edge.weir.entries().filter((entry) => /do not arrive/.test(String(entry['msg'])));
  t.is(warnings.length, 1);
});

test('an embedded PostgreSQL that is killed is started again, and everything goes on', async (t) => {
  const scope = testScope(t);
  const edge = await startEdge(scope);
  const backend = await startTlsBackend(scope);
  const target = { process: 'app', backendPort: backend.port };
  const app = { port: edge.tlsPort, serverName: 'app.system.test' };
  const running = () => JSON.parse(readFileSync(path.join(edge.stateDir, 'database.json'), 'utf8'));
  const plane = await ControlPlane.open(scope, running().controlUrl);
  await edge.applied(await plane.serve(app.serverName, target));
  const traffic = startTraffic(() => echoOnce(app));

  const { pid } = running();
  process.kill(pid, 'SIGKILL');
  t.is((await edge.weir.entry((entry) => /ended unexpectedly/.test(String(entry['msg']))))['level'], 'error');
  const restarted = await until('the new server', () => {
    try {
      return running().pid !== pid && running();
    } catch {
      return null; // the file is away while the server is
    }
  });
  const again = await ControlPlane.open(scope, restarted.controlUrl);
  await edge.applied(await again.createRoute('later.system.test', target));
  await echoOnce({ port: edge.tlsPort, serverName: 'later.system.test' });
  t.deepEqual(await traffic.stop(), []);
});

/** A PostgreSQL of the test's own, which may be killed and started again on the same port. */
async function startDatabase(scope: Scope) {
  const stateDir = makeStateDir();
  scope.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  let server: EmbeddedPostgres;
  const start = async () => {
    server = await startEmbeddedPostgres({ stateDir, log: silentLog, isDurable: false });
  };
  await start();
  scope.teardown(() => server.stop());
  return {
    get server() {
      return server;
    },
    start,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    /** Makes a change on connections of its own, since those of before do not outlive the server. */
    async change(make: (plane: ControlPlane) => Promise<number>): Promise<number> {
      const endings: (() => unknown)[] = [];
      const plane = await ControlPlane.open(
        { teardown: (end) => endings.push(end), onFailure: () => {} },
        server.controlUrl,
      );
      try {
        return await make(plane);
      } finally {
        for (const end of endings) await end();
      }
    },
  };
}
