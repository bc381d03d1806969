import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { ControlPlane } from '../support/control-plane.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { fileScope } from '../support/scope.ts';
import { startTlsBackend } from '../support/tls.ts';

const scope = fileScope(test);
let edge: TestEdge;
let plane: ControlPlane;

test.before(async () => {
  const postgres = await startTestPostgres({ after: scope.teardown });
  const { controlUrl, edgeUrl } = await postgres.createDatabase();
  plane = await ControlPlane.open(scope, controlUrl);
  edge = await startEdge(scope, { databaseUrl: edgeUrl });
});

/** A service whose instance says its name to every client after the handshake. */
async function start(
  process: string,
  alpn?: readonly string[],
): Promise<{ process: string; backendPort: number }> {
  const backend = await startTlsBackend(scope, {
    ...(alpn === undefined ? {} : { alpn }),
    serve: (socket) => socket.end(`this is ${process}\n`),
  });
  await plane.reportEndpoint(process, '127.0.0.1');
  return { process, backendPort: backend.port };
}

interface Handshake {
  /** What the backend calls itself; null without a handshake. */
  readonly backend: string | null;
  /** What was agreed on; null for nothing. */
  readonly protocol: string | null;
  /** Of the fatal alert that ended it. */
  readonly alert: number | null;
}

/** As OpenSSL's own client sees it; null sends neither the extension nor the name. */
async function handshake(serverName: string | null, alpn: string | null): Promise<Handshake> {
  const name = serverName === null ? ['-noservername'] : ['-servername', serverName];
  const offer = alpn === null ? [] : ['-alpn', alpn];
  const client = spawn('openssl', ['s_client', '-connect', `[::1]:${edge.tlsPort}`, ...name, ...offer], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Its input stays open, since at its end it would leave before it was answered.
  const [stdout, stderr] = await Promise.all([text(client.stdout), text(client.stderr)]);
  client.stdin.destroy();
  const alert = /SSL alert number (\d+)/.exec(stderr)?.[1];
  return {
    backend: /^this is (\S+)$/m.exec(stdout)?.[1] ?? null,
    protocol: /^ALPN protocol: (\S+)$/m.exec(stdout)?.[1] ?? null,
    alert: alert === undefined ? null : Number(alert),
  };
}

test('acme-tls/1 goes elsewhere than h2, and both elsewhere than what offers neither', async (t) => {
  const name = 'split.system.test';
  await plane.createRoute(name, await start('certs', ['acme-tls/1']), { alpn: 'acme-tls/1' });
  await plane.createRoute(name, await start('grpc', ['h2']), { alpn: 'h2' });
  await edge.applied(await plane.createRoute(name, await start('app', ['http/1.1'])));

  const toCerts = { backend: 'certs', protocol: 'acme-tls/1', alert: null };
  const toGrpc = { backend: 'grpc', protocol: 'h2', alert: null };
  const toApp = { backend: 'app', protocol: 'http/1.1', alert: null };
  t.deepEqual(await handshake(name, 'acme-tls/1'), toCerts);
  t.deepEqual(await handshake(name, 'h2'), toGrpc);
  t.deepEqual(await handshake(name, 'h2,acme-tls/1'), toGrpc);
  t.deepEqual(await handshake(name, 'acme-tls/1,h2'), toCerts);
  t.deepEqual(await handshake(name, 'http/1.1,h2'), toGrpc);
  t.deepEqual(await handshake(name, 'http/1.1'), toApp);
  t.deepEqual(await handshake(name, null), { ...toApp, protocol: null });
  // Another id, though it differs in case only.
  t.like(await handshake(name, 'H2,http/1.1'), toApp);

  const { routes } = await edge.routes('?search=split.system');
  t.deepEqual(routes.map(({ key, alpn }) => `${key}: ${alpn}`).sort(), [
    'tls/split.system.test alpn acme-tls/1: acme-tls/1',
    'tls/split.system.test alpn h2: h2',
    'tls/split.system.test: null',
  ]);
});

test('a name that is served for another protocol only gets no_application_protocol, until a less specific route takes it', async (t) => {
  const name = 'only.below.system.test';
  const revision = await plane.createRoute(name, await start('only'), { alpn: 'acme-tls/1' });
  await edge.applied(revision);
  t.deepEqual(await handshake(name, 'h2'), { backend: null, protocol: null, alert: 120 });
  t.deepEqual(await handshake(name, null), { backend: null, protocol: null, alert: 120 });
  t.like(await handshake('other.below.system.test', 'acme-tls/1'), { alert: 112 });

  await edge.applied(await plane.createRoute('*.below.system.test', await start('wild')));
  t.like(await handshake(name, 'h2'), { backend: 'wild' });
  t.like(await handshake(name, 'acme-tls/1'), { backend: 'only' });
  await edge.applied(await plane.deleteRoute(name, 'acme-tls/1'));
  t.like(await handshake(name, 'acme-tls/1'), { backend: 'wild' });
});

test.serial('a client without a name goes by what it offers too', async (t) => {
  await edge.applied(await plane.createRoute('*', await start('nameless'), { alpn: 'acme-tls/1' }));
  t.like(await handshake(null, 'acme-tls/1'), { backend: 'nameless' });
  t.like(await handshake(null, 'h2'), { backend: null, alert: 120 });
  await edge.applied(await plane.deleteRoute('*', 'acme-tls/1'));
  t.like(await handshake(null, 'acme-tls/1'), { backend: null, alert: 112 });
});
