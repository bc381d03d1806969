import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { capturedHello, helloMessage, inRecords } from '../support/client-hello.ts';
import { ControlPlane } from '../support/control-plane.ts';
import { HTTPS_PORT, startEdge, type TestEdge } from '../support/edge.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { fileScope, testScope } from '../support/scope.ts';
import { connect, readAll, startTestServer } from '../support/tcp.ts';
import { alertOf, echoOnce, startTlsBackend } from '../support/tls.ts';

const scope = fileScope(test);
let edge: TestEdge;
let plane: ControlPlane;

test.before(async () => {
  const postgres = await startTestPostgres({ after: scope.teardown });
  const { controlUrl, edgeUrl } = await postgres.createDatabase();
  plane = await ControlPlane.open(scope, controlUrl);
  edge = await startEdge(scope, { databaseUrl: edgeUrl });
});

test('a name without a route gets unrecognized_name', async (t) => {
  t.is(await alertOf({ port: edge.tlsPort, serverName: 'nobody.system.test' }), 112);
  t.is(await alertOf({ port: edge.tlsPort, address: '127.0.0.1', serverName: 'nobody.system.test' }), 112);
});

test('a route without a ready endpoint gets internal_error, and 503 over HTTP', async (t) => {
  await plane.createRoute('empty.system.test', { process: 'empty', backendPort: 1 });
  await edge.applied(
    await plane.createRoute('empty.system.test', { process: 'empty', backendPort: 1 }, { listener: 'http' }),
  );
  t.is(await alertOf({ port: edge.tlsPort, serverName: 'empty.system.test' }), 80);
  t.is((await request('empty.system.test')).status, 503);
});

test('an endpoint that refuses gets internal_error, and 503 over HTTP', async (t) => {
  const gone = await startTestServer(t);
  await gone.close();
  const target = { process: 'refusing', backendPort: gone.port };
  await plane.createRoute('refusing.system.test', target, { listener: 'http' });
  await edge.applied(await plane.serve('refusing.system.test', target));
  t.is(await alertOf({ port: edge.tlsPort, serverName: 'refusing.system.test' }), 80);
  t.is((await request('refusing.system.test')).status, 503);
});

test('HEAD is answered without a body, also where the backend refuses and where the port speaks TLS', async (t) => {
  const gone = await startTestServer(t);
  await gone.close();
  const target = { process: 'headless', backendPort: gone.port };
  await plane.createRoute('headless.system.test', target, { listener: 'http' });
  await edge.applied(await plane.reportEndpoint(target.process, '127.0.0.1'));
  const asked = { method: 'HEAD' };
  for (const [host, status, port] of [
    ['headless.system.test', 503, edge.httpPort],
    ['nobody.system.test', 404, edge.httpPort],
    ['headless.system.test', 400, edge.tlsPort],
  ] as const) {
    const client = await connect(t, { address: '::1', port });
    client.end(`HEAD / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    t.regex((await readAll(client)).toString(), new RegExp(`^HTTP/1\\.1 ${status} [^]*\\r\\n\\r\\n$`));
    t.is((await request(host, { ...asked, port })).status, status);
  }
});

test('what is longer than the cap is refused, however much of it comes at once', async (t) => {
  const name = 'long.system.test';
  const backend = await startTestServer(t, { onConnection: (socket) => socket.end('served') });
  const target = { process: 'long', backendPort: backend.port };
  await plane.createRoute(name, target, { listener: 'http' });
  await edge.applied(await plane.serve(name, target));
  for (const [size, answer] of [
    [15_000, /^served$/],
    [17_000, /^HTTP\/1\.1 431 /],
  ] as const) {
    const head = `GET / HTTP/1.1\r\nHost: ${name}\r\nX-Long: ${'x'.repeat(size)}\r\n\r\n`;
    for (const cut of [0, 5000]) t.regex(await said(t, edge.httpPort, head, cut), answer);
  }
  for (const [size, answer] of [
    [15_000, 'served'],
    [17_000, '\x15\x03\x03\0\x02\x02\x32'],
  ] as const) {
    const extensions = [{ type: 21, data: Buffer.alloc(size) }];
    const hello = inRecords(helloMessage({ serverName: name, extensions })).toString('latin1');
    for (const cut of [0, 5000]) t.is(await said(t, edge.tlsPort, hello, cut), answer);
  }
});

/** What is answered to text of one byte for each character, sent in one piece or in two. */
async function said(t: ExecutionContext, port: number, text: string, cut: number): Promise<string> {
  const client = await connect(t, { address: '::1', port });
  if (cut > 0) {
    client.write(text.slice(0, cut), 'latin1');
    await delay(50);
  }
  client.write(text.slice(cut), 'latin1');
  return (await readAll(client)).toString('latin1');
}

test.serial('TLS without SNI gets unrecognized_name until there is a default route', async (t) => {
  t.is(await alertOf({ port: edge.tlsPort, serverName: null }), 112);
  const backend = await startTlsBackend(testScope(t));
  await edge.applied(await plane.serve('*', { process: 'default', backendPort: backend.port }));
  await echoOnce({ port: edge.tlsPort, serverName: null });
  await echoOnce({ port: edge.tlsPort, serverName: 'anything.system.test' });
  await edge.applied(await plane.deleteRoute('*'));
  t.is(await alertOf({ port: edge.tlsPort, serverName: null }), 112);
});

test('plain HTTP that is sent to the TLS port gets a 400 that says so', async (t) => {
  const { status, body } = await request('nobody.system.test', { port: edge.tlsPort });
  t.is(status, 400);
  t.regex(body, /speaks TLS/);
});

test('what is neither TLS nor HTTP is closed without an answer', async (t) => {
  const client = net.connect({ port: edge.tlsPort, host: '::1' });
  client.end('SSH-2.0-nobody\r\n');
  t.is((await readAll(client)).length, 0);
});

test('an unknown Host gets 404, and HTTP/1.0 without one 400', async (t) => {
  t.is((await request('nobody.system.test')).status, 404);
  const client = net.connect({ port: edge.httpPort, host: '::1' });
  client.write('GET / HTTP/1.0\r\n\r\n');
  t.regex((await readAll(client)).toString(), /^HTTP\/1\.1 400 /);
});

test('a redirect names the port that clients reach https on, and an ACME challenge is forwarded', async (t) => {
  const app = http.createServer((asked, response) => response.end(`the app has ${asked.url}`));
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  t.teardown(() => app.close());
  const target = { process: 'redirecting', backendPort: (app.address() as net.AddressInfo).port };
  await plane.createRoute('to-https.system.test', target, { listener: 'http', redirectToHttps: true });
  await edge.applied(await plane.reportEndpoint('redirecting', '127.0.0.1'));

  const redirect = await request('to-https.system.test', { path: '/a/b?c=d' });
  t.is(redirect.status, 301);
  t.is(redirect.headers.location, `https://to-https.system.test:${HTTPS_PORT}/a/b?c=d`);
  t.is((await request('to-https.system.test', { method: 'POST' })).status, 308);

  const path = '/.well-known/acme-challenge/token';
  t.is((await request('to-https.system.test', { path })).body, `the app has ${path}`);
});

test('a hello in many segments finds its route', async (t) => {
  const backend = await startTlsBackend(testScope(t));
  await edge.applied(await plane.serve('slow.system.test', { process: 'slow', backendPort: backend.port }));
  const hello = await capturedHello({ servername: 'slow.system.test' });
  const answer = await answerTo(t, pieces(hello, 7));
  t.is(answer[0], HANDSHAKE);
});

test('a hello in many records finds its route', async (t) => {
  // A hello may be spread over records (RFC 8446 §5.1), which OpenSSL takes where the first holds the message's head.
  const backend = await startTlsBackend(testScope(t));
  await edge.applied(await plane.serve('parts.system.test', { process: 'parts', backendPort: backend.port }));
  const hello = await capturedHello({ servername: 'parts.system.test' });
  const records = pieces(hello.subarray(5), 64).map((fragment) => {
    const head = Buffer.from([22, 3, 1, 0, 0]);
    head.writeUInt16BE(fragment.length, 3);
    return Buffer.concat([head, fragment]);
  });
  const answer = await answerTo(t, records);
  t.is(answer[0], HANDSHAKE);
});

const HANDSHAKE = 22;

function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
}

/** Sends each part in a segment of its own, and resolves with what comes back first. */
async function answerTo(t: ExecutionContext, parts: readonly Buffer[]): Promise<Buffer> {
  const client = net.connect({ port: edge.tlsPort, host: '::1', noDelay: true });
  t.teardown(() => client.destroy());
  await once(client, 'connect');
  for (const part of parts) {
    client.write(part);
    // Nothing tells that a segment has left; without the pause the kernel may put several into one.
    await delay(1);
  }
  const [answer] = await once(client, 'data');
  return answer;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

async function request(host: string, options: http.RequestOptions = {}): Promise<Answer> {
  const asked = http.request({
    host: '::1',
    port: edge.httpPort,
    agent: false,
    headers: { host },
    ...options,
  });
  asked.end();
  const [response] = (await once(asked, 'response')) as [http.IncomingMessage];
  const chunks = await response.toArray();
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() };
}
