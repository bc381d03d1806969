import { once } from 'node:events';
import net from 'node:net';
import test from 'ava';
import { ControlPlane } from '../support/control-plane.ts';
import { type EdgeStatus, startEdge, type TestEdge } from '../support/edge.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { fileScope, testScope } from '../support/scope.ts';
import { connect, readBytes, startTestServer } from '../support/tcp.ts';
import { alertOf, connectTls, echoOnce, exchange, startTlsBackend } from '../support/tls.ts';
import { startTraffic } from '../support/traffic.ts';
import { until } from '../support/until.ts';

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

const CHANGES = 50;
const HELD = 12;

test('fifty routes made under traffic are live at once, and what runs does not notice', async (t) => {
  const backend = await startTlsBackend(testScope(t));
  const target = { process: 'steady', backendPort: backend.port };
  const steady = { port: edge.tlsPort, serverName: 'steady.system.test' };
  await edge.applied(await plane.serve(steady.serverName, target));
  const held = await Promise.all(Array.from({ length: HELD }, () => connectTls(testScope(t), steady)));

  const traffic = startTraffic(() => echoOnce(steady));
  for (let at = 0; at < CHANGES; at += 1) {
    const serverName = `new-${at}.system.test`;
    await edge.applied(await plane.createRoute(serverName, target));
    await echoOnce({ port: edge.tlsPort, serverName });
    const socket = held[at % HELD];
    if (socket !== undefined) await exchange(socket, `still here after ${at}`);
  }
  t.deepEqual(await traffic.stop(), []);
  t.true(traffic.count > CHANGES);
  await Promise.all(held.map((socket, at) => exchange(socket, `the end of ${at}`)));
});

test.serial('a route and a raw port that were made at run time work on each worker by itself', async (t) => {
  const backend = await startTlsBackend(testScope(t));
  const serverName = 'each.system.test';
  const { port } = await plane.allocatePort({ process: 'each', backendPort: backend.port });
  await edge.applied(await plane.serve(serverName, { process: 'each', backendPort: backend.port }));
  await untilOpen(port);
  const { workers } = await edge.status();
  t.is(workers.length, 2);
  for (const { pid } of workers) {
    const ports = await edge.withOnly(pid, async () => {
      const byName = await connectTls(testScope(t), { port: edge.tlsPort, serverName });
      const byPort = await connectTls(testScope(t), { port, serverName });
      await exchange(byName, 'by name');
      await exchange(byPort, 'by port');
      const used = [byName.localPort, byPort.localPort];
      for (const socket of [byName, byPort]) socket.end();
      return used;
    });
    for (const used of ports) t.is((await edge.access(used))['pid'], pid);
  }
});

test('a deleted route is gone for new connections, and goes on for those that run', async (t) => {
  const backend = await startTlsBackend(testScope(t));
  const target = { port: edge.tlsPort, serverName: 'leaving.system.test' };
  await edge.applied(await plane.serve(target.serverName, { process: 'leaving', backendPort: backend.port }));
  const held = await connectTls(testScope(t), target);
  await edge.applied(await plane.deleteRoute(target.serverName));
  t.is(await alertOf(target), 112);
  await exchange(held, 'still here');
});

test('new connections take turns over the endpoints that are ready now', async (t) => {
  const first = await startTlsBackend(testScope(t), { address: '127.0.0.1' });
  const second = await startTlsBackend(testScope(t), { address: '127.0.0.2', port: first.port });
  const target = { port: edge.tlsPort, serverName: 'turns.system.test' };
  await plane.serve(target.serverName, { process: 'turns', backendPort: first.port });
  await edge.applied(await plane.reportEndpoint('turns', '127.0.0.2'));
  const held = await connectTls(testScope(t), target);
  for (let at = 0; at < 8; at += 1) await echoOnce(target);
  t.true(first.handshakes > 0 && second.handshakes > 0, `${first.handshakes} and ${second.handshakes}`);

  await edge.applied(await plane.reportEndpoint('turns', '127.0.0.1', 'not-ready'));
  const before = first.handshakes;
  for (let at = 0; at < 4; at += 1) await echoOnce(target);
  t.is(first.handshakes, before);
  await exchange(held, 'still here');
});

test('a raw port of a server that speaks first is open once it is allocated, and refuses once it is released', async (t) => {
  const backend = await startTestServer(t, { onConnection: (socket) => socket.end('220 ready\r\n') });
  await plane.reportEndpoint('greeter', '127.0.0.1');
  const { port, revision } = await plane.allocatePort({ process: 'greeter', backendPort: backend.port });
  await edge.applied(revision);
  await untilOpen(port);
  for (const address of ['::1', '127.0.0.1']) {
    const client = await connect(t, { address, port });
    t.is((await readBytes(client, 11)).toString(), '220 ready\r\n');
  }
  await edge.applied(await plane.releasePort(port));
  // The workers close their descriptors when they take the message, after they have said what they applied.
  await until('the port refuses', () => isRefused(port));
  t.false((await edge.status()).listeners.some((listener) => listener.port === port));
});

test('a released port goes on for the connections that it has', async (t) => {
  const backend = await startTestServer(t, { onConnection: (socket) => socket.pipe(socket) });
  await plane.reportEndpoint('holding', '127.0.0.1');
  const { port } = await plane.allocatePort({ process: 'holding', backendPort: backend.port });
  await untilOpen(port);
  const held = await connect(t, { address: '::1', port });
  await exchange(held, 'before');
  await edge.applied(await plane.releasePort(port));
  await until('the port refuses', () => isRefused(port));
  await t.notThrowsAsync(exchange(held, 'after'));
});

test('a port that another program has is reported, and taken as soon as it is free', async (t) => {
  const backend = await startTestServer(t, { onConnection: (socket) => socket.end('at last') });
  const port = edge.firstTcpPort + 7;
  const squatter = await startTestServer(t, { address: '::', port });
  await plane.reportEndpoint('waiting', '127.0.0.1');
  await plane.allocatePort({ process: 'waiting', backendPort: backend.port }, port);

  await until('the problem in /routes', async () => {
    const { ports } = await edge.routes();
    return ports.find((row) => row['port'] === port && row['reason'] === 'listen-failed');
  });
  const { listeners, unready } = await edge.status();
  t.regex(
    listeners.find((listener) => listener.port === port)?.problem ?? '',
    /another program has the port/,
  );
  t.deepEqual(unready, []);
  t.is(
    (await edge.weir.entry((entry) => String(entry['msg']).includes(`:${port}: another`)))['level'],
    'error',
  );

  await squatter.close();
  await untilOpen(port);
  const client = await connect(t, { address: '::1', port });
  t.is((await readBytes(client, 7)).toString(), 'at last');
});

test('a port outside of every listener is reported, and harms nothing else', async (t) => {
  const port = edge.firstTcpPort + 8;
  await plane.definePool(edge.firstTcpPort, 9);
  const { revision } = await plane.allocatePort({ process: 'stray', backendPort: 1 }, port);
  await edge.applied(revision);
  await edge.until('the stray port', ({ strayPorts }) => strayPorts.some((stray) => stray.port === port));
  const { ports } = await edge.routes(`?search=port%2F${port}`);
  t.like(ports[0], { port, isLive: false, reason: 'outside-listener-ranges' });
  await edge.applied(await plane.releasePort(port));
  t.deepEqual((await edge.status()).strayPorts, []);
});

async function untilOpen(port: number): Promise<void> {
  const isOpen = ({ listeners }: EdgeStatus) =>
    listeners.some((listener) => listener.port === port && listener.state === 'open');
  await edge.until(`port ${port} is open`, isOpen);
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
