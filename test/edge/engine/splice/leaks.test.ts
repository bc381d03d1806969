import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import net from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { EngineHost } from '../../../../edge/engine/contract.ts';
import { createSpliceEngine } from '../../../../edge/engine/splice/engine.ts';
import { startTestServer, type TestServer } from '../../../support/tcp.ts';
import { startUnansweringPort } from '../../../support/unanswering.ts';
import { until } from '../../../support/until.ts';
import { addonForTests } from '../addon.ts';
import { forward, startEngine } from '../harness.ts';

const CONNECTIONS = Number(process.env['LEAK_CONNECTIONS'] ?? 2000);
const AT_ONCE = 64;
const MUCH = Buffer.alloc(1024 * 1024);

const addon = addonForTests();
const ifBuilt = addon.kind === 'loaded' ? test.serial : test.serial.skip;

/** What a client does, by the first byte that it sends; the backend and the decision go by the same byte. */
const ENDINGS: Readonly<Record<string, (client: net.Socket) => void>> = {
  completed: (client) => client.resume().once('end', () => client.end()),
  'client-reset': (client) => client.once('data', () => client.resetAndDestroy()),
  'backend-reset': (client) => client.resume(),
  'idle-timeout': (client) => client.resume().once('end', () => client.end()),
  'half-closed-timeout': (client) => client.resume().end(),
  left: (client) => client.resetAndDestroy(),
  'ended-early': (client) => client.resume().end(),
  'hello-timeout': (client) => client.resume().once('end', () => client.end()),
  'too-large': (client) => client.resume().once('end', () => client.end()),
  refused: (client) => client.resume().once('end', () => client.end()),
  'refused-lingering': (client) => void setTimeout(() => client.pause().destroy(), 150),
  'backend-refused': (client) => client.resume().once('end', () => client.end()),
  'backend-timeout': (client) => client.resume().once('end', () => client.end()),
  'internal-error': (client) => client.resume().once('end', () => client.end()),
  proxied: (client) => client.resume().once('end', () => client.end()),
  'long-stream': (client) => client.resume().end(MUCH),
  'broken-stream': (client) => client.write(MUCH, () => client.resetAndDestroy()),
  'unread-stream': (client) => void setTimeout(() => client.pause().resetAndDestroy(), 150),
};
const KINDS = Object.keys(ENDINGS);

ifBuilt(`nothing is left of ${CONNECTIONS} connections of every ending`, async (t) => {
  if (addon.kind !== 'loaded') return;
  t.timeout(60_000 + CONNECTIONS * 20);
  const create = createSpliceEngine(addon.native);
  const places = await startPlaces(t);
  const before = openFiles();
  const engines: ReturnType<typeof create>[] = [];
  const edge = await startEngine(
    t,
    (host, limits) => {
      const engine = create(host, limits);
      engines.push(engine);
      return engine;
    },
    { limits: { helloTimeoutMs: 150, lingerMs: 100 }, decide: decideByKind(places) },
  );
  const [engine] = engines;
  if (engine === undefined) throw new Error('no engine was made');

  let made = 0;
  const lane = async () => {
    while (made < CONNECTIONS) {
      const kind = made % KINDS.length;
      made += 1;
      await connectAs(edge.port, kind);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const kept = await Promise.all(
    Array.from({ length: 5 }, () => connectAs(edge.port, KINDS.indexOf('client-reset'), false)),
  );
  await until('all but the last few', () => edge.outcomes.length === made && engine.liveConnections === 5);
  t.is(engine.connections().length, 5);
  t.is(
    engine.close(
      engine
        .connections()
        .slice(0, 2)
        .map(({ id }) => id),
    ),
    2,
  );
  edge.listening.stop();
  engine.closeConnections();
  await until('the last outcome', () => edge.outcomes.length === made + kept.length);
  for (const client of kept) client.destroy();

  await until('an engine that holds nothing', () =>
    Object.values(engine.held()).every((count) => count === 0),
  );
  t.deepEqual(engine.held(), { live: 0, room: 0, pipes: 0, listeners: 0, timers: 0, records: 0 });
  for (const socket of places.backend.sockets) socket.destroy();
  await until('its descriptors', () => openFiles().length <= before.length).catch(() => {});
  const [open, wasOpen] = [count(openFiles()), count(before)];
  // Fewer of the test's own it may be: the kernel gives up on a dial after some minutes.
  for (const [kind, files] of Object.entries(open)) t.true(files <= (wasOpen[kind] ?? 0), `${files} ${kind}`);
  const reasons = new Set(edge.outcomes.map(({ reason }) => reason));
  t.true(reasons.size >= 11, Array.from(reasons).join(' '));
});

interface Places {
  readonly backend: TestServer;
  readonly gone: TestServer;
  readonly silent: { readonly address: string; readonly port: number };
}

async function startPlaces(t: ExecutionContext): Promise<Places> {
  const backend = await startTestServer(t, {
    onConnection: (socket) => socket.once('data', (first) => answer(socket, first)),
  });
  const gone = await startTestServer(t);
  await gone.close();
  return { backend, gone, silent: await startUnansweringPort(t) };
}

function answer(socket: net.Socket, first: Buffer): void {
  switch (KINDS[first[0] ?? 0]) {
    case 'client-reset':
      socket.resume().write('answer');
      return;
    case 'backend-reset':
      socket.resetAndDestroy();
      return;
    case 'idle-timeout':
    case 'half-closed-timeout':
      socket.resume();
      return;
    case 'unread-stream':
      socket.resume().end(Buffer.alloc(8 * MUCH.length));
      return;
    case 'long-stream':
      socket.resume().once('end', () => socket.end(MUCH));
      return;
    default:
      socket.resume().end('answer');
  }
}

function decideByKind({ backend, gone, silent }: Places): EngineHost['decide'] {
  return (peeked, facts) => {
    const kind = KINDS[peeked[0] ?? -1];
    switch (kind) {
      case 'left':
      case 'ended-early':
      case 'hello-timeout':
        return { kind: 'need-more' };
      case 'too-large':
        return { kind: 'need-more', leastBytes: 1_000_000 };
      case 'refused':
      case 'refused-lingering': {
        const known = { serverName: null, route: null, service: null, hasEch: false, ja4: null };
        return { kind: 'refuse', reason: 'unknown-name', answer: Buffer.from('no'), ...known };
      }
      case 'backend-refused':
        return forward([gone, gone]);
      case 'backend-timeout':
        return forward([silent], { dialTimeoutMs: 100 });
      case 'internal-error':
        throw new Error('a defect');
      case 'proxied': {
        if (facts.proxied !== null) return forward([backend]);
        if (peeked.length < 2) return { kind: 'need-header' };
        const none = {
          source: null,
          destination: null,
          alpn: null,
          authority: null,
          uniqueId: null,
          privateLink: null,
        };
        return { kind: 'proxied', headerBytes: 1, by: none };
      }
      default:
        return forward([backend], { idleTimeoutMs: 400, halfClosedTimeoutMs: 200 });
    }
  };
}

/** Resolves when it has closed, or, where that is not waited for, when the backend has answered. */
async function connectAs(port: number, kind: number, isToClose = true): Promise<net.Socket> {
  const client = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  client.on('error', () => {});
  client.write(Buffer.from([kind, kind]));
  if (isToClose) {
    ENDINGS[KINDS[kind] ?? '']?.(client);
    client.setTimeout(5000, () => client.destroy());
    if (!client.closed) await new Promise((resolve) => client.once('close', resolve));
  } else {
    await once(client, 'data');
  }
  return client;
}

/** What this process has open, by kind. */
function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/g, '')];
    } catch {
      return [];
    }
  });
}

function count(files: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const file of files.toSorted()) counts[file] = (counts[file] ?? 0) + 1;
  return counts;
}
