import { createHash, randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SerialFn } from 'ava';
import type { CreateEngine } from '../../../edge/engine/contract.ts';
import { closed, connect, errorOf, readAll, readBytes, startTestServer } from '../../support/tcp.ts';
import { forward, startEngine } from './harness.ts';

const MEBIBYTE = 1024 * 1024;

/** What a client of an engine's relay can rely on, from the first byte to the outcome. */
export function relayCases(test: SerialFn, name: string, create: CreateEngine): void {
  test(`${name}: relays both ways and reports the bytes of each`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    const clientPort = client.localPort ?? 0;
    client.write('ping');
    const accepted = await backend.accept();
    t.is(String(await readBytes(accepted, 4)), 'ping');
    accepted.end('answer');
    client.end();
    t.is(String(await readAll(client)), 'answer');
    await readAll(accepted);
    const outcome = await edge.outcome();
    t.like(outcome, {
      reason: 'completed',
      listener: 'test',
      clientAddress: '127.0.0.1',
      clientPort,
      serverName: 'www.example.com',
      route: 'tls/www.example.com',
      backend: `127.0.0.1:${backend.port}`,
      bytesFromClient: 4,
      bytesFromBackend: 6,
      dials: 1,
    });
    t.true(outcome.durationMs >= (outcome.dialMs ?? Number.NaN));
    t.is(edge.engine.liveConnections, 0);
  });

  test(`${name}: writes the prelude and every peeked byte first, and in order`, async (t) => {
    const backend = await startTestServer(t);
    const prelude = Buffer.from('PRELUDE');
    const edge = await startEngine(t, create, {
      decide: (peeked) => (peeked.length < 6 ? { kind: 'need-more' } : forward([backend], { prelude })),
    });
    const client = await connect(t, edge);
    client.setNoDelay(true);
    for (const piece of ['a', 'bc', 'def']) {
      const seen = edge.peeks.length;
      client.write(piece);
      while (edge.peeks.length === seen) await new Promise(setImmediate);
    }
    client.end('ghi');
    const accepted = await backend.accept();
    t.is(String(await readAll(accepted)), 'PRELUDEabcdefghi');
    t.deepEqual(edge.peeks.map(String), ['a', 'abc', 'abcdef']);
    accepted.end();
    t.is((await edge.outcome()).bytesFromClient, 9);
  });

  test(`${name}: dials at once where nothing is peeked at, so that a server may speak first`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { peek: 'none', candidates: [backend] });
    const client = await connect(t, edge);
    const accepted = await backend.accept();
    accepted.write('220 ready');
    t.is(String(await readBytes(client, 9)), '220 ready');
    client.end('QUIT');
    t.is(String(await readAll(accepted)), 'QUIT');
    accepted.end();
    t.like(await edge.outcome(), { reason: 'completed', bytesFromClient: 4, bytesFromBackend: 9 });
  });

  test(`${name}: keeps a half-close of the client: the backend can go on answering`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    client.end('question');
    const accepted = await backend.accept();
    t.is(String(await readAll(accepted)), 'question');
    const answer = randomBytes(3 * MEBIBYTE);
    accepted.end(answer);
    t.is(sha256(await readAll(client)), sha256(answer));
    t.is((await edge.outcome()).reason, 'completed');
  });

  test(`${name}: keeps a half-close of the backend: the client can go on sending`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    client.write('x');
    const accepted = await backend.accept();
    accepted.end('enough');
    t.is(String(await readAll(client)), 'enough');
    const upload = randomBytes(3 * MEBIBYTE);
    client.end(upload);
    t.is(sha256((await readAll(accepted)).subarray(1)), sha256(upload));
    t.is((await edge.outcome()).reason, 'completed');
  });

  test(`${name}: carries large streams both ways at once byte for byte`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    const [up, down] = [randomBytes(24 * MEBIBYTE), randomBytes(24 * MEBIBYTE)];
    client.end(up);
    const accepted = await backend.accept();
    accepted.end(down);
    const [atBackend, atClient] = await Promise.all([readAll(accepted), readAll(client)]);
    t.is(sha256(atBackend), sha256(up));
    t.is(sha256(atClient), sha256(down));
    t.like(await edge.outcome(), {
      reason: 'completed',
      bytesFromClient: up.length,
      bytesFromBackend: down.length,
    });
  });

  test(`${name}: passes on the last bytes of a fast stream that does not end`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    client.write('x');
    const accepted = await backend.accept();
    for (let burst = 0; burst < 6; burst += 1) {
      const bytes = 8 * MEBIBYTE + burst * 1237;
      const startedAt = performance.now();
      accepted.write(Buffer.alloc(bytes));
      t.is((await readBytes(client, bytes)).length, bytes);
      client.write('.');
      await readBytes(accepted, 1);
      t.true(performance.now() - startedAt < 5000);
    }
    client.resetAndDestroy();
    t.like(await edge.outcome(), { bytesFromClient: 7 });
  });

  test(`${name}: holds back a sender whose receiver does not read, in both directions`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    client.write('x');
    const accepted = await backend.accept();
    await readBytes(accepted, 1);
    client.pause();
    accepted.pause();
    const flood = Buffer.alloc(64 * MEBIBYTE);
    client.write(flood);
    accepted.write(flood);
    const before = bufferedBytes();
    await settled(() => client.writableLength + accepted.writableLength);
    // What has left the senders is in the kernel's buffers of four sockets and in the engine's own.
    const held = 2 * flood.length - client.writableLength - accepted.writableLength;
    t.true(client.writableLength > 0 && accepted.writableLength > 0, 'both senders were held back');
    t.true(bufferedBytes() - before < MEBIBYTE, 'the engine holds little of it');
    t.true(held < 2 * flood.length);
    client.destroy();
    t.is((await edge.outcome()).listener, 'test');
  });

  test(`${name}: goes on where it was held back once the receiver reads`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    const flood = randomBytes(16 * MEBIBYTE);
    client.end(flood);
    const accepted = await backend.accept();
    accepted.pause();
    await settled(() => client.writableLength);
    const got = readAll(accepted);
    accepted.resume();
    t.is(sha256(await got), sha256(flood));
    accepted.end();
    t.is((await edge.outcome()).reason, 'completed');
  });

  test(`${name}: turns a reset of the client into a reset of the backend`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    client.write('x');
    const accepted = await backend.accept();
    await readBytes(accepted, 1);
    const failure = new Promise<NodeJS.ErrnoException>((resolve) => accepted.once('error', resolve));
    accepted.resume();
    client.resetAndDestroy();
    t.is((await failure).code, 'ECONNRESET');
    t.is((await edge.outcome()).reason, 'client-reset');
  });

  test(`${name}: turns a reset of the backend into a reset of the client`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    client.write('x');
    const accepted = await backend.accept();
    await readBytes(accepted, 1);
    client.resume();
    accepted.resetAndDestroy();
    await closed(client);
    t.is(errorOf(client), 'ECONNRESET');
    t.is((await edge.outcome()).reason, 'backend-reset');
  });

  test(`${name}: ends what is idle, and nothing that is not`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { decide: () => forward([backend], { idleTimeoutMs: 300 }) });
    const client = await connect(t, edge);
    client.write('x');
    const accepted = await backend.accept();
    client.resume();
    const startedAt = performance.now();
    for (let beat = 0; beat < 8; beat += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      accepted.write('.');
    }
    t.is(edge.outcomes.length, 0);
    const outcome = await edge.outcome();
    t.is(outcome.reason, 'idle-timeout');
    t.true(performance.now() - startedAt >= 1000);
    client.end();
    await closed(client);
  });

  test(`${name}: ends a half-closed connection after its own, shorter timeout`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, {
      decide: () => forward([backend], { idleTimeoutMs: 60_000, halfClosedTimeoutMs: 200 }),
    });
    const client = await connect(t, edge);
    client.end('x');
    const accepted = await backend.accept();
    await readAll(accepted);
    t.is((await edge.outcome()).reason, 'half-closed-timeout');
  });

  test(`${name}: reports a connection exactly once, however it ends`, async (t) => {
    const backend = await startTestServer(t, {
      onConnection(socket) {
        socket.on('data', () => {
          const dice = Math.random();
          if (dice < 0.3) socket.end('bye');
          else if (dice < 0.5) socket.resetAndDestroy();
          else if (dice < 0.7) socket.destroy();
          else socket.write('more');
        });
        socket.on('end', () => socket.end());
      },
    });
    const edge = await startEngine(t, create, {
      limits: { helloTimeoutMs: 300, lingerMs: 100 },
      decide: (peeked) =>
        peeked[0] === 0x30
          ? { kind: 'need-more' }
          : forward([backend], { idleTimeoutMs: 300, halfClosedTimeoutMs: 200 }),
    });
    const total = 400;
    for (let made = 0; made < total; made += 1) {
      const client = await connect(t, edge);
      const dice = Math.random();
      if (dice < 0.15) client.resetAndDestroy();
      else if (dice < 0.3) client.end();
      else {
        client.write(dice < 0.45 ? '0' : 'hello');
        if (dice < 0.6) client.end();
        else if (dice < 0.75) setTimeout(() => client.resetAndDestroy(), 5);
        client.on('data', () => {
          if (Math.random() < 0.5) client.end();
        });
      }
    }
    for (let seen = 0; seen < total; seen += 1) await edge.outcome();
    t.is(edge.outcomes.length, total);
    t.is(edge.engine.liveConnections, 0);
  });
}

/** Resolves once a figure has stopped moving: the kernel's buffers are full. */
async function settled(read: () => number): Promise<void> {
  for (let last = -1, same = 0; same < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const now = read();
    same = now === last ? same + 1 : 0;
    last = now;
  }
}

/** What is in buffers and in use: what only waits to be collected is not held. */
function bufferedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().arrayBuffers;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
