import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { pipeline, Readable, type Writable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { ControlPlane } from '../support/control-plane.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { takeProxyV2 } from '../support/proxy-v2.ts';
import { fileScope, testScope } from '../support/scope.ts';
import {
  closed,
  connect,
  errorOf,
  readAll,
  readBytes,
  startTestServer,
  type TestServer,
} from '../support/tcp.ts';
import { connectTls, startTlsBackend } from '../support/tls.ts';
import { within } from '../support/until.ts';

const scope = fileScope(test);
let edge: TestEdge;
let plane: ControlPlane;

test.before(async () => {
  const postgres = await startTestPostgres({ after: scope.teardown });
  const { controlUrl, edgeUrl } = await postgres.createDatabase();
  plane = await ControlPlane.open(scope, controlUrl);
  edge = await startEdge(scope, { databaseUrl: edgeUrl });
  await plane.definePool(edge.firstTcpPort, 8);
});

const MIB = 1024 * 1024;
const TRANSFER_MIB = 100;

test('100 MB up, then 100 MB down on the same half-closed connection, arrive byte for byte', async (t) => {
  const heard = Promise.withResolvers<string>();
  const up = body();
  const down = body();
  const backend = await startTlsBackend(testScope(t), {
    serve: (socket) => {
      hashOf(socket).then((hash) => {
        heard.resolve(hash);
        send(down.chunks(), socket);
      }, heard.reject);
    },
  });
  await edge.applied(await plane.serve('bulk.system.test', { process: 'bulk', backendPort: backend.port }));
  const client = await connectTls(testScope(t), { port: edge.tlsPort, serverName: 'bulk.system.test' });
  const { localPort } = client;
  send(up.chunks(), client);
  t.is(await hashOf(client), down.hash);
  t.is(await heard.promise, up.hash);

  const line = await edge.access(localPort);
  t.is(line['reason'], 'completed');
  t.true(Number(line['bytes_from_client']) > TRANSFER_MIB * MIB);
  t.true(Number(line['bytes_from_backend']) > TRANSFER_MIB * MIB);
});

test('a client that has ended still hears what the backend says', async (t) => {
  const { backend, port } = await rawPort(t, 'client-first');
  const client = await connect(t, { address: '::1', port });
  const { localPort } = client;
  const inside = await backend.accept();
  client.end('the question');
  t.is((await readAll(inside)).toString(), 'the question');
  inside.end('the answer');
  t.is((await readAll(client)).toString(), 'the answer');
  t.is((await edge.access(localPort))['reason'], 'completed');
});

test('a backend that speaks first and has ended still hears what the client says', async (t) => {
  const { backend, port } = await rawPort(t, 'server-first');
  const client = await connect(t, { address: '127.0.0.1', port });
  const { localPort } = client;
  const inside = await backend.accept();
  inside.end('220 ready');
  t.is((await readAll(client)).toString(), '220 ready');
  const heard = readAll(inside);
  client.write('one ');
  client.end('two');
  t.is((await heard).toString(), 'one two');
  const line = await edge.access(localPort);
  t.like(line, { reason: 'completed', listener: 'tcp', client: '127.0.0.1', route: `port/${port}` });
});

test('a reset of the client reaches the backend as a reset', async (t) => {
  const { backend, port } = await rawPort(t, 'client-resets');
  const client = await connect(t, { address: '::1', port });
  const { localPort } = client;
  const inside = await backend.accept();
  const failed = once(inside, 'error');
  client.write('hello');
  await readBytes(inside, 5);
  inside.resume();
  client.resetAndDestroy();
  const [error] = await within(
    'the reset',
    failed.catch((reason) => [reason]),
  );
  t.is(error.code, 'ECONNRESET');
  t.is((await edge.access(localPort))['reason'], 'client-reset');
});

test('a reset of the backend reaches the client as a reset', async (t) => {
  const { backend, port } = await rawPort(t, 'backend-resets');
  const client = await connect(t, { address: '::1', port });
  const { localPort } = client;
  const inside = await backend.accept();
  inside.write('hello');
  await readBytes(client, 5);
  client.resume();
  inside.resetAndDestroy();
  await closed(client);
  t.is(errorOf(client), 'ECONNRESET');
  t.is((await edge.access(localPort))['reason'], 'backend-reset');
});

for (const { family, address, octets } of [
  // The listener is on [::], where the system shows this client as ::ffff:127.0.0.1.
  { family: 'IPv4', address: '127.0.0.1', octets: [127, 0, 0, 1] },
  { family: 'IPv6', address: '::1', octets: [...new Array<number>(15).fill(0), 1] },
]) {
  test(`the backend of a PROXY v2 route learns the client's real ${family} address and port`, async (t) => {
    const { backend, port } = await rawPort(t, `proxied-${family.toLowerCase()}`, 'v2');
    const client = await connect(t, { address, port });
    const inside = await backend.accept();
    const header = await takeProxyV2(inside);
    // §2.2: the family, then source and destination addresses, then their ports.
    t.is(header[13], family === 'IPv4' ? 0x11 : 0x21);
    const addresses = header.subarray(16, 16 + 2 * octets.length);
    t.deepEqual([...addresses], [...octets, ...octets]);
    t.is<unknown, unknown>(header.readUInt16BE(16 + addresses.length), client.localPort);
    t.is(header.readUInt16BE(18 + addresses.length), port);

    client.write('then the bytes');
    t.is((await readBytes(inside, 14)).toString(), 'then the bytes');
  });
}

test('the PROXY v2 header of a TLS route has the name, and the hello comes right after it', async (t) => {
  const backend = await startTestServer(t);
  const target = { process: 'proxied-tls', backendPort: backend.port, proxyProtocol: 'v2' } as const;
  await edge.applied(await plane.serve('proxied.system.test', target));
  const client = connectTls(testScope(t), { port: edge.tlsPort, serverName: 'proxied.system.test' });
  client.catch(() => {}); // the backend never answers
  const inside = await backend.accept();
  const header = await takeProxyV2(inside);
  t.true(header.includes('proxied.system.test'));
  t.is((await readBytes(inside, 1))[0], 22);
  inside.destroy();
  await t.throwsAsync(client);
});

/** A raw TCP port in front of a backend of its own. */
async function rawPort(
  t: ExecutionContext,
  process: string,
  proxyProtocol: 'none' | 'v2' = 'none',
): Promise<{ readonly backend: TestServer; readonly port: number }> {
  const backend = await startTestServer(t);
  await plane.reportEndpoint(process, '127.0.0.1');
  const { port, revision } = await plane.allocatePort({ process, backendPort: backend.port, proxyProtocol });
  await edge.applied(revision);
  await edge.until(`port ${port} is open`, ({ listeners }) =>
    listeners.some((listener) => listener.port === port && listener.state === 'open'),
  );
  return { backend, port };
}

/** Bytes that are different in each mebibyte, so that nothing can be lost, doubled or swapped without being seen. */
function body() {
  const block = randomBytes(MIB);
  const chunks = function* (): Generator<Buffer> {
    for (let at = 0; at < TRANSFER_MIB; at += 1) {
      const chunk = Buffer.from(block);
      chunk.writeUInt32BE(at);
      yield chunk;
    }
  };
  const hash = createHash('sha256');
  for (const chunk of chunks()) hash.update(chunk);
  return { chunks, hash: hash.digest('hex') };
}

async function hashOf(source: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source.iterator({ destroyOnReturn: false })) hash.update(chunk);
  return hash.digest('hex');
}

/** Sends all of it and ends; a failure shows as bytes that are missing. */
function send(chunks: Iterable<Buffer>, target: Writable): void {
  pipeline(Readable.from(chunks), target, () => {});
}
