import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { WrittenConfig } from '../../config/schema.ts';
import { peekProxyHeader } from '../../edge/wire/proxy-header.ts';
import { encodeProxyV2, PROXY_V2_LOCAL } from '../../edge/wire/proxy-v2.ts';
import { capturedHello } from '../support/client-hello.ts';
import { ControlPlane } from '../support/control-plane.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { freePorts } from '../support/free-ports.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { proxyV2, takeProxyV2, tlv } from '../support/proxy-v2.ts';
import { fileScope, testScope } from '../support/scope.ts';
import { connect, readAll, readBytes, startTestServer, type TestServer } from '../support/tcp.ts';
import { connectTls, exchange, startTlsBackend, testCertificate } from '../support/tls.ts';
import { until, within } from '../support/until.ts';

const scope = fileScope(test);
let edge: TestEdge;
let plane: ControlPlane;
/** An edge in front, which is itself a load balancer to `edge`. */
let front: TestEdge;
let frontPlane: ControlPlane;
let hello: Buffer;

const HANDSHAKE = 22;
const LOOPBACK = ['127.0.0.0/8', '::1'];
const TCP_PORTS = 4;

test.before(async () => {
  const postgres = await startTestPostgres({ after: scope.teardown });
  const databases = [await postgres.createDatabase(), await postgres.createDatabase()] as const;
  plane = await ControlPlane.open(scope, databases[0].controlUrl);
  frontPlane = await ControlPlane.open(scope, databases[1].controlUrl);
  const firstTcpPort = await freePorts(TCP_PORTS);
  edge = await startEdge(scope, {
    databaseUrl: databases[0].edgeUrl,
    settings: {
      listeners: [
        listener('tls', 'tls', 'required', LOOPBACK),
        listener('optional', 'tls', 'optional', ['127.0.0.1']),
        listener('strangers', 'tls', 'required', ['192.0.2.0/24']),
        listener('http', 'http', 'required', LOOPBACK),
        {
          name: 'tcp',
          kind: 'tcp',
          address: '::',
          ports: `${firstTcpPort}-${firstTcpPort + TCP_PORTS - 1}`,
          proxy_protocol: 'required',
          trusted: LOOPBACK,
        },
      ],
      timeouts: { drain: '50ms', proxy_header: '2s', hello: '20s' },
    },
  });
  front = await startEdge(scope, { databaseUrl: databases[1].edgeUrl });
  await plane.definePool(firstTcpPort, TCP_PORTS);
  hello = await capturedHello({ servername: 'echo.system.test' });

  const backend = await startTlsBackend(scope);
  await edge.applied(await plane.serve('echo.system.test', { process: 'echo', backendPort: backend.port }));
});

function listener(
  name: string,
  kind: 'tls' | 'http',
  mode: 'optional' | 'required',
  trusted: string[],
): NonNullable<WrittenConfig['listeners']>[number] {
  return { name, kind, address: '[::]:0', proxy_protocol: mode, trusted };
}

/** No two connections of a file have the same client, so that their access lines can be told apart. */
let clients = 0;
const nextClient = () => {
  clients += 1;
  return { address: '203.0.113.9', port: 1000 + clients };
};

const v1 = ({ address, port }: { readonly address: string; readonly port: number }) =>
  Buffer.from(`PROXY TCP4 ${address} 198.51.100.1 ${port} 443\r\n`);

const v2 = (client: { readonly address: string; readonly port: number }) =>
  encodeProxyV2({
    source: client,
    destination: { address: '198.51.100.1', port: 443 },
    authority: 'echo.system.test',
    uniqueId: 'id-of-the-load-balancer',
    hasChecksum: true,
  });

for (const [version, encode] of [
  ['1', v1],
  ['2', v2],
] as const) {
  test.serial(
    `a version ${version} header that is cut anywhere leads to the route of the hello behind it`,
    async (t) => {
      const { length } = encode({ address: '203.0.113.9', port: 1000 });
      const cuts = Array.from({ length: length + 1 }, (_, at) => at);
      for (let at = 0; at < cuts.length; at += 32) {
        await Promise.all(
          cuts.slice(at, at + 32).map(async (cut) => {
            const client = nextClient();
            const bytes = Buffer.concat([encode(client), hello]);
            const answer = await answerTo(t, edge.tlsPort, [bytes.subarray(0, cut), bytes.subarray(cut)]);
            t.is(answer[0], HANDSHAKE, `cut at ${cut}`);
            t.like(await edge.access(client.port), {
              client: client.address,
              server_name: 'echo.system.test',
            });
          }),
        );
      }
    },
  );

  test.serial(`a version ${version} header that comes byte by byte leads there too`, async (t) => {
    const client = nextClient();
    const bytes = [...encode(client)].map((byte) => Buffer.from([byte]));
    const answer = await answerTo(t, edge.tlsPort, [...bytes, hello]);
    t.is(answer[0], HANDSHAKE);
    t.is((await edge.access(client.port))['listener'], 'tls');
  });
}

test("the access line has the client of the header, the load balancer, and the load balancer's ids", async (t) => {
  const client = nextClient();
  const [high, low] = [client.port >> 8, client.port & 0xff];
  const bytes = proxyV2({
    addresses: Buffer.from([203, 0, 113, 9, 198, 51, 100, 1, high, low, 1, 187]),
    tlvs: [tlv(5, '\x00\xff'), tlv(0xea, '\x01vpce-08d2bf15fac5001c9')],
  });
  const socket = await connect(t, { address: '127.0.0.1', port: edge.tlsPort });
  const { localPort } = socket;
  socket.write(bytes);
  await echoOver(socket);
  t.like(await edge.access(client.port), {
    reason: 'completed',
    client: '203.0.113.9',
    peer: '127.0.0.1',
    peer_port: localPort,
    private_link: 'vpce-08d2bf15fac5001c9',
    unique_id: '00ff',
  });
});

test('the instance of a PROXY v2 route learns the client of the header, over another edge too', async (t) => {
  const backend = await startTestServer(t);
  const target = {
    process: 'inner',
    backendPort: backend.port,
    proxyProtocol: 'v2',
    proxyTlvs: ['unique-id', 'crc32c'],
  } as const;
  await edge.applied(await plane.serve('chain.system.test', target));
  const inner = { ...target, process: 'outer', backendPort: edge.tlsPort };
  await front.applied(await frontPlane.serve('chain.system.test', inner));

  for (const [address, own] of [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
  ] as const) {
    const client = net.connect({ port: front.tlsPort, host: address });
    t.teardown(() => client.destroy());
    await once(client, 'connect');
    const { localPort } = client;
    client.write(await capturedHello({ servername: 'chain.system.test' }));
    const inside = await backend.accept();
    const header = peekProxyHeader(await takeProxyV2(inside));
    t.like(header, {
      kind: 'header',
      ends: {
        source: { address: own, port: localPort },
        destination: { address: own, port: front.tlsPort },
      },
      tlvs: { authority: 'chain.system.test' },
    });
    t.is((await readBytes(inside, 1))[0], HANDSHAKE);
    inside.destroy();
    // Made by the first edge and passed on by the second.
    const id = header.kind === 'header' ? header.tlvs.uniqueId : null;
    t.regex(id ?? '', /^[0-9a-f-]{36}$/);
    t.is((await front.access(localPort))['unique_id'], id);
    t.is((await edge.access(localPort))['unique_id'], id);
  }
});

test('a whole TLS session goes through two edges', async (t) => {
  await front.applied(
    await frontPlane.serve('echo.system.test', {
      process: 'outer-echo',
      backendPort: edge.tlsPort,
      proxyProtocol: 'v2',
    }),
  );
  const client = await connectTls(testScope(t), { port: front.tlsPort, serverName: 'echo.system.test' });
  const { localPort } = client;
  await exchange(client, 'through both');
  client.end();
  const outer = await front.access(localPort);
  t.is(outer['peer'], null);
  t.like(await edge.access(localPort), { client: outer['client'], peer: '127.0.0.1', reason: 'completed' });
});

test('a raw TCP port waits for the header and for nothing more, so that a server can speak first', async (t) => {
  const { backend, port } = await rawPort(t);
  const client = nextClient();
  const socket = await connect(t, { address: '::1', port });
  socket.write(
    encodeProxyV2({
      source: { address: '2001:db8::9', port: client.port },
      destination: { address: '2001:db8::1', port: 5432 },
      authority: 'db.system.test',
      alpn: 'postgresql',
    }),
  );
  const inside = await backend.accept();
  t.like(peekProxyHeader(await takeProxyV2(inside)), {
    ends: {
      source: { address: '2001:db8::9', port: client.port },
      destination: { address: '2001:db8::1', port: 5432 },
    },
    tlvs: { authority: 'db.system.test', alpn: 'postgresql' },
  });
  inside.end('220 ready');
  t.is((await readAll(socket)).toString(), '220 ready');
  socket.end();
  t.like(await edge.access(client.port), { client: '2001:db8::9', listener: 'tcp', peer: '::1' });

  const silent = await connect(t, { address: '127.0.0.1', port });
  const { localPort } = silent;
  t.is((await readAll(silent)).length, 0);
  silent.end();
  t.is((await edge.access(localPort))['reason'], 'proxy-timeout');
});

test('LOCAL and UNKNOWN keep the addresses of the connection', async (t) => {
  for (const header of [PROXY_V2_LOCAL, Buffer.from('PROXY UNKNOWN and more\r\n')]) {
    const socket = await connect(t, { address: '127.0.0.1', port: edge.tlsPort });
    const { localPort } = socket;
    socket.write(header);
    await echoOver(socket);
    t.like(await edge.access(localPort), { client: '127.0.0.1', peer: '127.0.0.1', reason: 'completed' });
  }
});

test('an HTTP request behind a header is answered as without one', async (t) => {
  const client = nextClient();
  const socket = await connect(t, { address: '::1', port: edge.httpPort });
  socket.write(
    Buffer.concat([v1(client), Buffer.from('GET / HTTP/1.1\r\nHost: nobody.system.test\r\n\r\n')]),
  );
  t.regex((await readAll(socket)).toString(), /^HTTP\/1\.1 404 /);
  socket.end();
  t.like(await edge.access(client.port), { reason: 'unknown-name', client: client.address, peer: '::1' });
});

for (const [what, place, bytes, reason] of [
  ['bytes without a header where one is required', 'tls', () => hello, 'proxy-missing'],
  ['a request without a header', 'http', () => Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'proxy-missing'],
  [
    'a header with a number too many',
    'tls',
    () => Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n'),
    'proxy-malformed',
  ],
  ['a header with a wrong checksum', 'tls', () => proxyV2({ tlvs: [tlv(3, 'abcd')] }), 'proxy-malformed'],
  ['a header that claims 64 KiB', 'tls', () => proxyV2({ length: 0xffff }), 'proxy-malformed'],
  ['half a header', 'tls', () => v2({ address: '203.0.113.9', port: 1 }).subarray(0, 20), 'proxy-timeout'],
  ['half a header where one may come', 'optional', () => Buffer.from('PROXY TCP4 '), 'proxy-timeout'],
  ['a header from a stranger', 'strangers', () => v1({ address: '203.0.113.9', port: 1 }), 'proxy-untrusted'],
] as const) {
  test(`${what} ends with a close and as ${reason}`, async (t) => {
    const socket = await connect(t, { address: '127.0.0.1', port: edge.port(place) });
    const { localPort } = socket;
    socket.write(bytes());
    t.is((await readAll(socket)).length, 0);
    socket.end();
    t.like(await edge.access(localPort), { reason, client: '127.0.0.1', peer: null });
  });
}

test('a stranger is turned away before it has sent anything', async (t) => {
  const socket = await connect(t, { address: '::1', port: edge.port('strangers') });
  const { localPort } = socket;
  t.is((await readAll(socket)).length, 0);
  socket.end();
  t.is((await edge.access(localPort))['reason'], 'proxy-untrusted');
  const name = 'weir_connections_total{listener="strangers",reason="proxy-untrusted"}';
  await until('the metric', async () => ((await edge.metrics()).get(name) ?? 0) > 0);
});

test('where a header is optional, clients come with one and without, and nobody else can write one', async (t) => {
  const client = nextClient();
  const withHeader = await connect(t, { address: '127.0.0.1', port: edge.port('optional') });
  withHeader.write(v1(client));
  await echoOver(withHeader);
  t.like(await edge.access(client.port), { client: client.address, peer: '127.0.0.1', reason: 'completed' });

  const without = await connect(t, { address: '127.0.0.1', port: edge.port('optional') });
  const { localPort } = without;
  // Longer than a header may take: the hello has its own time.
  await delay(2200);
  await echoOver(without);
  t.like(await edge.access(localPort), { client: '127.0.0.1', peer: null, reason: 'completed' });

  const stranger = await connect(t, { address: '::1', port: edge.port('optional') });
  const strangerPort = stranger.localPort;
  stranger.write(Buffer.concat([v1(nextClient()), hello]));
  t.is((await readAll(stranger)).length, 0);
  stranger.end();
  t.like(await edge.access(strangerPort), { client: '::1', peer: null, reason: 'not-tls' });
});

/** A TLS client that begins on a connection on which something else was sent before. */
async function echoOver(socket: net.Socket): Promise<void> {
  const { cert } = await testCertificate();
  const client = tls.connect({ socket, ca: cert, servername: 'echo.system.test' });
  client.on('error', () => {});
  await within('a handshake', once(client, 'secureConnect'));
  await exchange(client, 'hello');
  client.end();
}

/** Sends each part in a segment of its own, and resolves with what comes back first. */
async function answerTo(t: ExecutionContext, port: number, parts: readonly Uint8Array[]): Promise<Buffer> {
  const client = net.connect({ port, host: '127.0.0.1', noDelay: true });
  t.teardown(() => client.destroy());
  await once(client, 'connect');
  for (const part of parts) {
    client.write(part);
    // Nothing tells that a segment has left; without the pause the kernel may put several into one.
    await delay(1);
  }
  const answer = await within('an answer', readBytes(client, 1));
  // A backend that goes on waiting would keep a connection that was only half closed.
  client.resetAndDestroy();
  return answer;
}

/** A raw TCP port in front of a backend of its own that expects PROXY v2. */
async function rawPort(
  t: ExecutionContext,
): Promise<{ readonly backend: TestServer; readonly port: number }> {
  const backend = await startTestServer(t);
  await plane.reportEndpoint('raw', '127.0.0.1');
  const { port, revision } = await plane.allocatePort({
    process: 'raw',
    backendPort: backend.port,
    proxyProtocol: 'v2',
    proxyTlvs: ['alpn'],
  });
  await edge.applied(revision);
  await edge.until(`port ${port} is open`, ({ listeners }) =>
    listeners.some((each) => each.port === port && each.state === 'open'),
  );
  return { backend, port };
}
