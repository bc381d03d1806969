import net from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { weir } from '../support/command-line.ts';
import { ControlPlane } from '../support/control-plane.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { startTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { fileScope, testScope } from '../support/scope.ts';
import { connect, readAll, startTestServer } from '../support/tcp.ts';
import { startTraffic } from '../support/traffic.ts';

const scope = fileScope(test);
let database: TestDatabase;
let edge: TestEdge;
let plane: ControlPlane;

test.before(async () => {
  const postgres = await startTestPostgres({ after: scope.teardown });
  database = await postgres.createDatabase();
  plane = await ControlPlane.open(scope, database.controlUrl);
  edge = await startEdge(scope, { databaseUrl: database.edgeUrl, settings: { log: { access: 'false' } } });
});

const LANES = 20;

/** A backend that says its name and closes. */
function startNamed(t: ExecutionContext, name: string, address = '127.0.0.1', port = 0) {
  return startTestServer(t, { address, port, onConnection: (socket) => socket.resume().end(name) });
}

/** Who answers a request for this host. */
async function ask(host: string): Promise<string> {
  const socket = net.connect({ port: edge.httpPort, host: '127.0.0.1' });
  const answered = readAll(socket);
  socket.on('error', () => {}).end(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return (await answered).toString();
}

async function askMany(host: string, count: number): Promise<ReadonlyMap<string, number>> {
  const answers = new Map<string, number>();
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const name = await ask(host);
      answers.set(name, (answers.get(name) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return answers;
}

async function split(host: string, ...backends: readonly string[]): Promise<void> {
  const url = ['--database-url', database.controlUrl];
  const { exitCode, stdout, stderr } = await weir([
    ...['route', 'split', host, '--listener', 'http', '--json', ...url],
    ...backends.flatMap((backend) => ['--backend', backend]),
  ]);
  if (exitCode !== 0) throw new Error(stderr);
  await edge.applied(JSON.parse(stdout).revision);
}

test('a canary of 5 % gets 5 % of 2,000 connections, and none once it is gone', async (t) => {
  const host = 'canary.system.test';
  const stable = await startNamed(t, 'stable');
  const canary = await startNamed(t, 'canary');
  await plane.createRoute(host, { process: 'stable', backendPort: stable.port }, { listener: 'http' });
  await plane.reportEndpoint('stable', '127.0.0.1');
  await split(host, `shop/production/stable:${stable.port}=95`, `shop/production/canary:${canary.port}=5`);
  t.deepEqual([...(await askMany(host, 100))], [['stable', 100]]);

  await edge.applied(await plane.reportEndpoint('canary', '127.0.0.1'));
  const answers = await askMany(host, 2_000);
  const share = answers.get('canary') ?? 0;
  t.true(share >= 90 && share <= 110, `${share} of 2000`);
  t.is(answers.get('stable'), 2_000 - share);
  const [row] = (await edge.routes(`?search=${host}`)).routes;
  t.like(row, { weight: 95, isLive: true, others: [{ weight: 5, readyEndpoints: 1 }] });

  await edge.applied(await plane.reportEndpoint('canary', '127.0.0.1', 'gone'));
  t.deepEqual([...(await askMany(host, 100))], [['stable', 100]]);
});

test('a backend that refuses hands its connections to the others, and the log says who had them', async (t) => {
  const logged = await startEdge(testScope(t), { databaseUrl: database.edgeUrl });
  const port = logged.firstTcpPort;
  const dead = await startNamed(t, 'dead');
  await dead.close();
  const alive = await startNamed(t, 'alive', '127.0.0.2');
  const names = { org: 'acme', app: 'shop', env: 'production' };
  await plane.reportEndpoint('dead', '127.0.0.1');
  await plane.reportEndpoint('alive', '127.0.0.2');
  const others = [{ ...names, process: 'alive', backendPort: alive.port, weight: 1 }];
  const input = { ...names, process: 'dead', port, backendPort: dead.port, weight: 1_000_000, others };
  const allocated = await plane.control.allocatePort(input, { actor: 'test' });
  if (allocated.kind !== 'ok') return t.fail(JSON.stringify(allocated));
  await logged.until('the port', ({ listeners }) =>
    listeners.some((listener) => listener.port === port && listener.state === 'open'),
  );
  const client = await connect(t, { address: '127.0.0.1', port });
  const clientPort = client.localPort;
  t.is((await readAll(client)).toString(), 'alive');
  client.end();
  t.like(await logged.access(clientPort), {
    route: `port/${port}`,
    service: 'acme/shop/production/alive',
    backend: `127.0.0.2:${alive.port}`,
    dials: 2,
  });
});

test('a split under traffic moves new connections over, and loses none', async (t) => {
  const host = 'moving.system.test';
  const blue = await startNamed(t, 'blue');
  const green = await startNamed(t, 'green');
  await plane.createRoute(host, { process: 'blue', backendPort: blue.port }, { listener: 'http' });
  await plane.reportEndpoint('blue', '127.0.0.1');
  await edge.applied(await plane.reportEndpoint('green', '127.0.0.1'));
  const traffic = startTraffic(async () => {
    const name = await ask(host);
    if (name !== 'blue' && name !== 'green') throw new Error(`answered ${JSON.stringify(name)}`);
  }, 4);
  for (const [blues, greens] of [
    [100, 0],
    [80, 20],
    [50, 50],
    [0, 100],
  ]) {
    await split(
      host,
      `shop/production/blue:${blue.port}=${blues}`,
      `shop/production/green:${green.port}=${greens}`,
    );
    const share = (await askMany(host, 200)).get('green') ?? 0;
    t.true(Math.abs(share - 2 * (greens ?? 0)) <= 20, `${share} of 200 at ${greens} %`);
  }
  t.deepEqual(await traffic.stop(), []);
  t.deepEqual([...(await askMany(host, 50))], [['green', 50]]);
});
