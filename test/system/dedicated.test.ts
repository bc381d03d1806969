import { once } from 'node:events';
import { rmSync } from 'node:fs';
import net from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { ControlPlane } from '../support/control-plane.ts';
import { type EdgeStatus, startEdge, type TestEdge } from '../support/edge.ts';
import { freePorts } from '../support/free-ports.ts';
import { makeStateDir, startTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { fileScope, testScope } from '../support/scope.ts';
import { connect, readAll, startTestServer } from '../support/tcp.ts';
import { until } from '../support/until.ts';

const META = { actor: 'test' };
const DEDICATED = '127.0.0.2';

const scope = fileScope(test);
let database: TestDatabase;
let edge: TestEdge;
let plane: ControlPlane;
let firstPort: number;

test.before(async () => {
  const postgres = await startTestPostgres({ after: scope.teardown });
  database = await postgres.createDatabase();
  plane = await ControlPlane.open(scope, database.controlUrl);
  firstPort = await freePorts(8);
  edge = await startEdge(scope, {
    databaseUrl: database.edgeUrl,
    settings: {
      listeners: [
        { name: 'tls', kind: 'tls', address: '127.0.0.1:0' },
        { name: 'http', kind: 'http', address: '[::1]:0' },
        {
          name: 'tcp',
          kind: 'tcp',
          address: '127.0.0.1',
          ports: `${firstPort}-${firstPort + 3}`,
          dedicated: ['127.0.0.2/31', '203.0.113.7'],
        },
      ],
    },
  });
});

/** Who has the dedicated addresses. */
const OWNER = 'dedicated-org';

/** A service whose one instance says this name, of an org of this name or of the owner's; bound to the port. */
async function bind(
  t: ExecutionContext,
  name: string,
  place: { port: number; address?: string },
): Promise<number> {
  const backend = await startTestServer(t, { onConnection: (socket) => socket.end(name) });
  const org = place.address === undefined ? name : OWNER;
  const service = { org, app: 'shop', env: 'production', process: 'tcp' };
  const { control } = plane;
  if (place.address !== undefined) await plane.dedicate(OWNER, place.address);
  await control.reportEndpoint({ ...service, instance: 'one', address: '127.0.0.1' }, META);
  const bound = await control.allocatePort({ ...service, ...place, backendPort: backend.port }, META);
  if (bound.kind !== 'ok') throw new Error(JSON.stringify(bound));
  return bound.value.revision;
}

async function release(place: { port: number; address?: string }): Promise<void> {
  const released = await plane.control.releasePort(place, META);
  if (released.kind !== 'ok') throw new Error(JSON.stringify(released));
  await edge.applied(released.value.revision);
}

async function portAt(address: string, port: number) {
  const { ports } = await edge.routes(`?org=${OWNER}`);
  return ports.find((bound) => bound.address === address && bound.port === port);
}

async function untilState(at: TestEdge, binding: string, state: 'open' | 'failed') {
  const find = ({ listeners }: EdgeStatus) =>
    listeners.find((listener) => listener.binding === binding && listener.state === state);
  return find(await at.until(`${binding} is ${state}`, (status) => find(status) !== undefined));
}

async function ask(t: ExecutionContext, address: string, port: number): Promise<string> {
  const client = await connect(t, { address, port });
  const answer = (await readAll(client)).toString();
  client.end();
  return answer;
}

async function isRefused(address: string, port: number): Promise<boolean> {
  const socket = net.connect({ port, host: address });
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

test.serial(
  'one port number is one org’s on the shared address and another’s on a dedicated one',
  async (t) => {
    const port = firstPort;
    await bind(t, 'shared-org', { port });
    await bind(t, 'dedicated-org', { port, address: DEDICATED });
    await bind(t, 'third-org', { port, address: '127.0.0.3' });
    const keys = [`port/${port}`, `port/${DEDICATED}:${port}`, `port/127.0.0.3:${port}`];
    for (const key of keys) await untilState(edge, key, 'open');

    t.is(await ask(t, '127.0.0.1', port), 'shared-org');
    t.is(await ask(t, '127.0.0.3', port), 'third-org');
    const client = await connect(t, { address: DEDICATED, port });
    const clientPort = client.localPort;
    t.is((await readAll(client)).toString(), 'dedicated-org');
    client.end();
    t.like(await edge.access(clientPort), {
      listener: 'tcp',
      route: `port/${DEDICATED}:${port}`,
      service: 'dedicated-org/shop/production/tcp',
      reason: 'completed',
    });
    const { ports } = await edge.routes(`?org=dedicated-org`);
    t.like(ports[0], { address: DEDICATED, port, isLive: true });

    await release({ port, address: DEDICATED });
    await until('the port refuses', () => isRefused(DEDICATED, port));
    t.is(await ask(t, '127.0.0.1', port), 'shared-org');
    t.is(await ask(t, '127.0.0.3', port), 'third-org');

    await bind(t, 'next-org', { port, address: DEDICATED });
    await untilState(edge, `port/${DEDICATED}:${port}`, 'open');
    await release({ port });
    await until('the shared port refuses', () => isRefused('127.0.0.1', port));
    t.is(await ask(t, DEDICATED, port), 'next-org');
  },
);

test.serial('a dedicated address takes ports that are in no range', async (t) => {
  const port = firstPort + 5;
  await bind(t, 'outside', { port, address: DEDICATED });
  await untilState(edge, `port/${DEDICATED}:${port}`, 'open');
  t.is(await ask(t, DEDICATED, port), 'outside');
  t.true(await isRefused('127.0.0.1', port));
});

test.serial(
  'an address that no listener serves is a stray, and one that the machine has not is a failure',
  async (t) => {
    const port = firstPort + 6;
    await edge.applied(await bind(t, 'stray', { port, address: '127.0.0.9' }));
    const { strayPorts } = await edge.until('the stray', (status) => status.strayPorts.length > 0);
    t.deepEqual(strayPorts, [{ address: '127.0.0.9', port }]);
    t.like(await portAt('127.0.0.9', port), { isLive: false, reason: 'address-not-served' });
    const errors = async () =>
      (await plane.control.listNodes()).flatMap(({ errors: all }) => all as string[]);
    await until('the error in the heartbeat', async () =>
      (await errors()).some((error) =>
        error.startsWith(`port ${port} of 127.0.0.9 is on an address that no tcp`),
      ),
    );
    await release({ port, address: '127.0.0.9' });
    t.deepEqual((await edge.status()).strayPorts, []);

    await bind(t, 'elsewhere', { port, address: '203.0.113.7' });
    const failed = await untilState(edge, `port/203.0.113.7:${port}`, 'failed');
    t.regex(
      failed?.problem ?? '',
      /^cannot listen on 203\.0\.113\.7:\d+: no interface of this machine has the address/,
    );
    t.like(await portAt('203.0.113.7', port), { isLive: false, reason: 'listen-failed' });
    t.deepEqual((await edge.status()).unready, []);
  },
);

test.serial(
  'shared listeners on all addresses keep their ports, and a dedicated one says what is in its way',
  async (t) => {
    const first = await freePorts(2);
    const wide = await startEdge(testScope(t), {
      databaseUrl: database.edgeUrl,
      settings: {
        node: 'edge-2',
        listeners: [
          { name: 'tls', kind: 'tls', address: '[::]:0' },
          { name: 'tcp', kind: 'tcp', address: '[::]', ports: `${first}`, dedicated: ['127.0.0.4'] },
        ],
      },
    });
    await bind(t, 'in-the-way', { port: first, address: '127.0.0.4' });
    const failed = await untilState(wide, `port/127.0.0.4:${first}`, 'failed');
    t.regex(
      failed?.problem ?? '',
      /listener "tcp" \(\[::\]:\d+\) has this port there too; give it addresses of its own/,
    );

    await bind(t, 'wide', { port: first });
    await untilState(wide, `port/${first}`, 'open');
    t.is(await ask(t, '127.0.0.4', first), 'wide');

    await bind(t, 'beside', { port: first + 1, address: '127.0.0.4' });
    await untilState(wide, `port/127.0.0.4:${first + 1}`, 'open');
    t.is(await ask(t, '127.0.0.4', first + 1), 'beside');
  },
);

test.serial('a dedicated port is open again after a start without the database', async (t) => {
  const stateDir = makeStateDir();
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  const port = await freePorts(1);
  const settings = {
    node: 'edge-3',
    listeners: [
      { name: 'tls', kind: 'tls' as const, address: '127.0.0.1:0' },
      { name: 'tcp', kind: 'tcp' as const, address: '127.0.0.1', ports: '1-1', dedicated: ['127.0.0.5'] },
    ],
  };
  const first = await startEdge(testScope(t), { databaseUrl: database.edgeUrl, stateDir, settings });
  await bind(t, 'restarted', { port, address: '127.0.0.5' });
  await untilState(first, `port/127.0.0.5:${port}`, 'open');
  first.weir.kill('SIGTERM');
  await first.weir.exited;
  t.true(await isRefused('127.0.0.5', port));

  const databaseUrl = `postgres://weir@127.0.0.1:${await freePorts(1)}/weir`;
  const second = await startEdge(testScope(t), { databaseUrl, stateDir, settings });
  await untilState(second, `port/127.0.0.5:${port}`, 'open');
  t.is(await ask(t, '127.0.0.5', port), 'restarted');
});
