import { once } from 'node:events';
import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { ja4 } from '../../edge/wire/ja4.ts';
import { readRecorded } from '../edge/wire/corpus/recorded.ts';
import { helloBytes, helloMessageOf } from '../edge/wire/corpus/records.ts';
import { helloMessage, inRecords } from '../support/client-hello.ts';
import { ControlPlane } from '../support/control-plane.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { fileScope } from '../support/scope.ts';
import { connect, errorOf, readAll, readBytes } from '../support/tcp.ts';
import { until } from '../support/until.ts';

const NAMES = [
  'chromium',
  'firefox',
  'node-large-shares',
  'openssl-small-fragments',
  'openssl-early-data',
  'java',
];
const RECORDED = (await readRecorded()).filter(({ name }) => NAMES.includes(name));

const scope = fileScope(test);
let edge: TestEdge;

test.before(async (t) => {
  const postgres = await startTestPostgres({ after: scope.teardown });
  const { controlUrl, edgeUrl } = await postgres.createDatabase();
  const plane = await ControlPlane.open(scope, controlUrl);
  edge = await startEdge(scope, {
    databaseUrl: edgeUrl,
    settings: {
      limits: { hello_size: '64KiB', pending: { per_address: '64' } },
      log: { format: 'json', ja4: 'true' },
    },
  });
  await plane.control.claimDomain({ domain: 'example.com', org: 'acme', isTrusted: true }, { actor: 'test' });
  const echo = await listen((socket) => socket.pipe(socket));
  await plane.serve('app.example.com', { process: 'app', backendPort: echo });
  const other = await listen((socket) => socket.end('wrong'));
  await edge.applied(await plane.serve('*', { process: 'default', backendPort: other }));
  t.is(RECORDED.length, NAMES.length);
});

for (const { name, bytes } of RECORDED) {
  test(`${name} reaches its backend whole, in pieces and in records of other sizes`, async (t) => {
    await reaches(t, [bytes]);
    for (const cut of [1, 5, 9, 100, helloBytes(bytes) - 1]) {
      await reaches(t, [bytes.subarray(0, cut), bytes.subarray(cut)]);
    }
    for (const size of [1, 2, 7, 100, 511]) await reaches(t, [inRecords(helloMessageOf(bytes), size)]);
  });

  test(`${name} reaches its backend byte by byte`, async (t) => {
    await reaches(
      t,
      Array.from(bytes, (byte) => Buffer.of(byte)),
    );
  });
}

test('a hello that says it is longer than the cap is answered before more of it comes', async (t) => {
  const client = await connect(t, { address: '127.0.0.1', port: edge.tlsPort });
  client.write(Buffer.from([22, 3, 1, 0x40, 0, 1, 1, 0, 0]));
  const alert = await readAll(client);
  t.deepEqual([...alert], [21, 3, 3, 0, 2, 2, 50]);
});

test('a hello in SSLv2 framing is answered with the protocol_version alert', async (t) => {
  const client = await connect(t, { address: '127.0.0.1', port: edge.tlsPort });
  client.write(Buffer.from([0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16]));
  const alert = await readAll(client);
  t.deepEqual([...alert], [21, 3, 1, 0, 2, 2, 70]);
});

test("the access log has the client's JA4 fingerprint, also where it is refused", async (t) => {
  const chromium = RECORDED.find(({ name }) => name === 'chromium')?.bytes ?? Buffer.alloc(0);
  for (const [hello, reason] of [
    [chromium, 'completed'],
    [inRecords(helloMessage({ serverName: '192.0.2.1' })), 'unknown-name'],
  ] as const) {
    const client = await connect(t, { address: '127.0.0.1', port: edge.tlsPort });
    const { localPort } = client;
    client.end(hello);
    await readAll(client);
    t.like(await edge.access(localPort), { reason, ja4: ja4(hello) });
  }
});

test.serial(
  'of an address that begins hellos and ends none, the oldest are reset, and others are served',
  async (t) => {
    const idle: net.Socket[] = [];
    const served = RECORDED[0]?.bytes ?? Buffer.alloc(0);
    // While even the oldest has just come, it is the newcomer that is reset, maybe before it has noticed its connect.
    await until('the reset of one of the first 20', async () => {
      const place = { address: '127.0.0.1', port: edge.tlsPort };
      const client = await connect(t, place, '127.0.0.77').catch(() => null);
      client?.write(served.subarray(0, 1));
      if (client !== null) idle.push(client);
      return idle.slice(0, 20).some((each) => errorOf(each) === 'ECONNRESET');
    });
    // Each of the two workers takes 64 at least.
    t.true(idle.length > 64);
    await until('the resets of all but those', () => idle.filter((each) => !each.destroyed).length <= 128);
    await reaches(t, [served]);
    const client = await connect(t, { address: '127.0.0.1', port: edge.tlsPort }, '127.0.0.77');
    client.write(served);
    t.deepEqual(await readBytes(client, served.length), served);
  },
);

async function reaches(t: ExecutionContext, pieces: readonly Buffer[]): Promise<void> {
  const client = await connect(t, { address: '127.0.0.1', port: edge.tlsPort });
  client.setNoDelay();
  const sent = Buffer.concat(pieces);
  const echoed = readBytes(client, sent.length);
  for (const piece of pieces) {
    // A turn between two pieces makes segments of them.
    client.write(piece);
    await turn();
  }
  t.true((await echoed).equals(sent));
  client.end();
  await once(client, 'close');
}

async function listen(onConnection: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => onConnection(socket.on('error', () => {})));
  scope.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}
