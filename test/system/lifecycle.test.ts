import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { isAlive } from '../../bench/measure/process-tree.ts';
import { ControlPlane } from '../support/control-plane.ts';
import { type EdgeOptions, startEdge } from '../support/edge.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';
import { fileScope, type Scope, testScope } from '../support/scope.ts';
import { connectTls, echoOnce, exchange, startTlsBackend } from '../support/tls.ts';
import { startTraffic } from '../support/traffic.ts';
import { until, within } from '../support/until.ts';

const scope = fileScope(test);
let postgres: TestPostgres;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
});

const SERVER_NAME = 'app.system.test';

test('workers that are killed are replaced, and the sockets stay open meanwhile', async (t) => {
  const { edge, target } = await startServing(testScope(t));
  const before = await edge.status();
  await echoOnce(target);
  const counted = await until('the first count', async () => totals(await edge.metrics(), 'completed'));

  for (const { pid } of before.workers) process.kill(pid, 'SIGKILL');
  // With no worker left the kernel takes these connections, and they wait for the next one.
  const meanwhile = await Promise.all(Array.from({ length: 8 }, () => echoOnce(target)));
  t.is(meanwhile.length, 8);

  const after = await edge.until(
    'two new workers',
    ({ workers }) =>
      workers.length === 2 &&
      workers.every(
        ({ pid, state }) => state === 'running' && !before.workers.some((old) => old.pid === pid),
      ),
  );
  await edge.ready();
  await edge.applied(before.revision);
  for (const { pid } of after.workers) await edge.withOnly(pid, () => echoOnce(target));

  const recounted = await until('the next count', async () => {
    const sum = totals(await edge.metrics(), 'completed');
    return sum >= counted + 8 && sum;
  });
  t.true(recounted > counted);
  t.is((await edge.metrics()).get('weir_worker_restarts_total'), 2);
});

test('no counter goes down when a worker is killed under load', async (t) => {
  const { edge, target } = await startServing(testScope(t));
  const seen = new Map<string, number>();
  const fallen: string[] = [];
  const look = async () => {
    for (const [name, value] of await edge.metrics()) {
      if (!name.includes('_total') || name.startsWith('process_') || name.startsWith('nodejs_')) continue;
      if (value < (seen.get(name) ?? 0)) fallen.push(`${name}: ${seen.get(name)} → ${value}`);
      seen.set(name, value);
    }
  };
  const load = startTraffic(() => echoOnce(target), 4);
  await until('some connections', async () => {
    await look();
    return sumOf(seen, 'weir_connections_total') > 20;
  });
  const [first] = (await edge.status()).workers;
  const atKill = sumOf(seen, 'weir_connections_total');
  if (first !== undefined) process.kill(first.pid, 'SIGKILL');
  await until('more connections', async () => {
    await look();
    const isReplaced = sumOf(seen, 'weir_worker_restarts_total') === 1;
    return isReplaced && sumOf(seen, 'weir_connections_total') > atKill + 20;
  });
  // What the killed worker had is lost with it: at most one connection of each lane.
  t.true((await load.stop()).length <= 4);
  t.deepEqual(fallen, []);
});

test('SIGTERM drains: nothing new, what runs goes on until the deadline, then it is closed as drained', async (t) => {
  const { edge, target } = await startServing(testScope(t), drainFor('1500ms'));
  const held = await connectTls(testScope(t), target);
  const { localPort } = held;
  const processes = edge.weir.processes();
  const startedAt = performance.now();
  edge.weir.kill('SIGTERM');

  await until('connections are refused', () => isRefused(edge.tlsPort));
  const readyz = await edge.get('/readyz');
  t.is(readyz.status, 503);
  t.regex(readyz.body, /draining/);
  t.is((await edge.get('/livez')).status, 200);
  await exchange(held, 'still here');

  await ended(held);
  t.true(performance.now() - startedAt >= 1400);
  t.deepEqual(await edge.weir.exit(), { code: 0, signal: null });
  t.is((await edge.access(localPort))['reason'], 'drained');
  t.deepEqual(processes.filter(isAlive), []);
});

test('a drain is over as soon as the last connection has ended', async (t) => {
  const { edge, target } = await startServing(testScope(t), { workers: 1, ...drainFor('60s') });
  const held = await connectTls(testScope(t), target);
  edge.weir.kill('SIGTERM');
  await until('connections are refused', () => isRefused(edge.tlsPort));
  await exchange(held, 'goodbye');
  held.end();
  t.deepEqual(await edge.weir.exit(), { code: 0, signal: null });
  t.is((await edge.weir.entry({ server_name: SERVER_NAME }))['reason'], 'completed');
});

test('a second signal does not wait for the drain', async (t) => {
  const { edge, target } = await startServing(testScope(t), { workers: 1, ...drainFor('60s') });
  const held = await connectTls(testScope(t), target);
  const processes = edge.weir.processes();
  edge.weir.kill('SIGINT');
  await until('connections are refused', () => isRefused(edge.tlsPort));
  await exchange(held, 'still here');
  // One that comes right behind the first counts as the same, and one that comes while the process ends would kill it.
  await delay(300);
  edge.weir.kill('SIGINT');
  t.deepEqual(await edge.weir.exit(10_000), { code: 0, signal: null });
  t.deepEqual(processes.filter(isAlive), []);
});

test('workers whose primary is killed leave by themselves', async (t) => {
  const { edge, target } = await startServing(testScope(t), drainFor('300ms'));
  const held = await connectTls(testScope(t), target);
  const processes = edge.weir.processes();
  t.is(processes.length, 3);
  edge.weir.kill('SIGKILL');
  await ended(held);
  await until('every process has ended', () => processes.every((each) => !isAlive(each)));
  t.true(await isRefused(edge.tlsPort));
});

/** The other side has closed. */
async function ended(socket: net.Socket): Promise<void> {
  socket.resume();
  await within('the end of a connection', once(socket, 'end'));
}

function drainFor(drain: string): EdgeOptions {
  return { settings: { timeouts: { drain } } };
}

/** An edge of the test's own, with an echo behind `SERVER_NAME`. */
async function startServing(testOnly: Scope, options: EdgeOptions = {}) {
  const { controlUrl, edgeUrl } = await postgres.createDatabase();
  const plane = await ControlPlane.open(testOnly, controlUrl);
  const backend = await startTlsBackend(testOnly);
  const revision = await plane.serve(SERVER_NAME, { process: 'app', backendPort: backend.port });
  const edge = await startEdge(testOnly, { databaseUrl: edgeUrl, ...options });
  await edge.applied(revision);
  await edge.until('every worker runs', ({ workers }) => workers.every(({ state }) => state === 'running'));
  return { edge, target: { port: edge.tlsPort, serverName: SERVER_NAME } };
}

function totals(metrics: ReadonlyMap<string, number>, reason: string): number {
  return metrics.get(`weir_connections_total{listener="tls",reason="${reason}"}`) ?? 0;
}

function sumOf(metrics: ReadonlyMap<string, number>, name: string): number {
  return [...metrics].reduce((sum, [key, value]) => (key.split('{')[0] === name ? sum + value : sum), 0);
}

async function isRefused(port: number): Promise<boolean> {
  const socket = net.connect({ port, host: '::1' });
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}
