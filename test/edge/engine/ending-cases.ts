import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { SerialFn } from 'ava';
import type { CreateEngine } from '../../../edge/engine/contract.ts';
import { closed, connect, errorOf, readAll, readBytes, startTestServer } from '../../support/tcp.ts';
import { startUnansweringPort } from '../../support/unanswering.ts';
import { until } from '../../support/until.ts';
import { ANSWER, forward, serviceAt, startEngine } from './harness.ts';

/** How an engine refuses, dials on, and ends what it was told to end. */
export function endingCases(test: SerialFn, name: string, create: CreateEngine): void {
  test(`${name}: delivers the answer of a refusal to a client that goes on sending, and no reset`, async (t) => {
    const answer = Buffer.from('no');
    const edge = await startEngine(t, create, {
      decide: () => ({
        kind: 'refuse',
        reason: 'unknown-name',
        answer,
        serverName: 'x.example',
        route: null,
        service: null,
        hasEch: false,
        ja4: null,
      }),
    });
    const client = await connect(t, edge);
    client.write(Buffer.alloc(200_000));
    t.deepEqual(await readAll(client), answer);
    client.end(Buffer.alloc(200_000));
    await closed(client);
    t.is(errorOf(client), null);
    t.like(await edge.outcome(), {
      reason: 'unknown-name',
      serverName: 'x.example',
      backend: null,
      dials: 0,
    });
  });

  test(`${name}: closes on a refused client that neither reads nor leaves`, async (t) => {
    const edge = await startEngine(t, create, {
      limits: { lingerMs: 100 },
      decide: () => ({
        kind: 'refuse',
        reason: 'not-tls',
        answer: null,
        serverName: null,
        route: null,
        service: null,
        hasEch: false,
        ja4: null,
      }),
    });
    const client = await connect(t, edge);
    client.write('x');
    t.is((await edge.outcome()).reason, 'not-tls');
  });

  test(`${name}: answers a hello that does not come in time`, async (t) => {
    const edge = await startEngine(t, create, {
      limits: { helloTimeoutMs: 150 },
      decide: () => ({ kind: 'need-more' }),
    });
    const client = await connect(t, edge);
    client.write('half a hel');
    t.deepEqual(await readAll(client), ANSWER);
    client.end();
    t.like(await edge.outcome(), { reason: 'hello-timeout', bytesFromClient: 10, decideMs: null });
  });

  test(`${name}: where accepting is deferred, answers who never speaks, and serves who speaks late`, async (t) => {
    const impatient = await startEngine(t, create, { defersAccept: true, limits: { helloTimeoutMs: 50 } });
    const backend = await startTestServer(t, { onConnection: (socket) => socket.pipe(socket) });
    const patient = await startEngine(t, create, { defersAccept: true, candidates: [backend] });
    const late = await connect(t, patient);
    const silent = await connect(t, impatient);
    // One that comes later and speaks is there before: with Node's sockets, which cannot hold anybody back, both are.
    const quick = await connect(t, patient);
    quick.write('x');
    await readBytes(quick, 1);
    t.is(patient.engine.liveConnections, name === 'splice' ? 1 : 2);
    quick.end();
    await readAll(quick);
    t.like(await patient.outcome(), { reason: 'completed', bytesFromClient: 1 });
    t.deepEqual(await readAll(silent), ANSWER);
    silent.end();
    t.like(await impatient.outcome(), { reason: 'hello-timeout', bytesFromClient: 0 });
    // By now the kernel does not hold it back any more either.
    late.end('after all');
    t.is((await readAll(late)).toString(), 'after all');
    t.like(await patient.outcome(), { reason: 'completed' });
  });

  test(`${name}: refuses at once a hello that says itself that it is too large`, async (t) => {
    const edge = await startEngine(t, create, {
      limits: { maxHelloBytes: 1024 },
      decide: (peeked) => ({ kind: 'need-more', leastBytes: peeked.length < 3 ? 1024 : 1025 }),
    });
    const client = await connect(t, edge);
    client.write('ab');
    await until('the decision', () => edge.peeks.length === 1);
    client.write('c');
    t.deepEqual(await readAll(client), ANSWER);
    client.end();
    t.like(await edge.outcome(), { reason: 'hello-too-large', bytesFromClient: 3 });
  });

  test(`${name}: shows a decision all bytes so far and the cursor of the one before`, async (t) => {
    const cursors: unknown[] = [];
    const backend = await startTestServer(t, { onConnection: (socket) => socket.pipe(socket) });
    const edge = await startEngine(t, create, {
      decide: (peeked, facts) => {
        cursors.push(facts.cursor?.kind === 'hello' ? facts.cursor.hello.at : undefined);
        if (peeked.length === 200) return forward([backend]);
        return {
          kind: 'need-more',
          cursor: { kind: 'hello', hello: { at: peeked.length, messageBytes: 0, header: 0 } },
        };
      },
    });
    const client = await connect(t, edge);
    const sent = Buffer.from(Array.from({ length: 200 }, (_, at) => at));
    for (let at = 0; at < sent.length; at += 20) {
      client.write(sent.subarray(at, at + 20));
      await until('the decision', () => edge.peeks.length > at / 20);
    }
    t.deepEqual(await readBytes(client, 200), sent);
    t.deepEqual(cursors, [undefined, 20, 40, 60, 80, 100, 120, 140, 160, 180]);
    t.deepEqual(
      edge.peeks.map((peeked) => peeked.toString('hex')),
      Array.from({ length: 10 }, (_, at) => sent.toString('hex', 0, 20 * (at + 1))),
    );
  });

  test(`${name}: counts the hello's deadline from the accept, not from the last byte`, async (t) => {
    const edge = await startEngine(t, create, {
      limits: { helloTimeoutMs: 300 },
      decide: () => ({ kind: 'need-more' }),
    });
    const client = await connect(t, edge);
    const dripping = setInterval(() => client.write('.'), 20);
    t.teardown(() => clearInterval(dripping));
    t.deepEqual(await readAll(client), ANSWER);
    clearInterval(dripping);
    client.end();
    const { reason, durationMs } = await edge.outcome();
    t.is(reason, 'hello-timeout');
    t.true(durationMs < 2000);
  });

  test(`${name}: refuses a hello that is larger than allowed as soon as it is`, async (t) => {
    const edge = await startEngine(t, create, {
      limits: { maxHelloBytes: 1000 },
      decide: () => ({ kind: 'need-more' }),
    });
    const client = await connect(t, edge);
    client.write(Buffer.alloc(1000));
    t.deepEqual(await readAll(client), ANSWER);
    client.end();
    t.is((await edge.outcome()).reason, 'hello-too-large');
  });

  test(`${name}: says of a client that leaves before its hello is complete that it left`, async (t) => {
    const edge = await startEngine(t, create, { decide: () => ({ kind: 'need-more' }) });
    const polite = await connect(t, edge);
    polite.end('half');
    t.is((await edge.outcome()).reason, 'client-left');
    const rude = await connect(t, edge);
    rude.resetAndDestroy();
    t.is((await edge.outcome()).reason, 'client-left');
  });

  test(`${name}: dials the next candidate when one refuses`, async (t) => {
    const gone = await startTestServer(t);
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [gone, gone, backend] });
    // Not before the edge has a port, which could be this one.
    await gone.close();
    const client = await connect(t, edge);
    client.write('hello');
    const accepted = await backend.accept();
    t.is(String(await readBytes(accepted, 5)), 'hello');
    accepted.end('found');
    client.end();
    t.is(String(await readAll(client)), 'found');
    t.like(await edge.outcome(), {
      reason: 'completed',
      dials: 3,
      backend: `127.0.0.1:${backend.port}`,
      service: serviceAt(2),
    });
  });

  test(`${name}: dials the next candidate when one does not answer in time`, async (t) => {
    const silent = await startUnansweringPort(t);
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, {
      decide: () => forward([silent, backend], { dialTimeoutMs: 200 }),
    });
    const client = await connect(t, edge);
    client.write('hello');
    const accepted = await backend.accept();
    client.end();
    t.is(String(await readAll(accepted)), 'hello');
    accepted.end();
    const outcome = await edge.outcome();
    t.like(outcome, { reason: 'completed', dials: 2 });
    t.true((outcome.dialMs ?? 0) >= 200);
  });

  test(`${name}: answers the client when every candidate refuses`, async (t) => {
    const gone = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [gone, gone] });
    await gone.close();
    const client = await connect(t, edge);
    client.write('hello');
    t.is(String(await readAll(client)), 'nobody there');
    client.end();
    t.like(await edge.outcome(), {
      reason: 'backend-refused',
      dials: 2,
      route: 'tls/www.example.com',
      dialMs: null,
    });
  });

  test(`${name}: answers the client when the last candidate does not answer in time`, async (t) => {
    const silent = await startUnansweringPort(t);
    const edge = await startEngine(t, create, { decide: () => forward([silent], { dialTimeoutMs: 150 }) });
    const client = await connect(t, edge);
    client.write('hello');
    t.is(String(await readAll(client)), 'nobody there');
    client.end();
    t.like(await edge.outcome(), { reason: 'backend-timeout', dials: 1 });
  });

  test(`${name}: stops dialling for a client that has gone`, async (t) => {
    const silent = await startUnansweringPort(t);
    const edge = await startEngine(t, create, { decide: () => forward([silent], { dialTimeoutMs: 30_000 }) });
    const client = await connect(t, edge);
    client.write('hello');
    while (edge.peeks.length === 0) await new Promise(setImmediate);
    client.resetAndDestroy();
    t.is((await edge.outcome()).reason, 'client-left');
  });

  test(`${name}: takes a defect in a decision for the end of that connection only`, async (t) => {
    const backend = await startTestServer(t);
    let isBroken = true;
    const edge = await startEngine(t, create, {
      decide() {
        if (!isBroken) return forward([backend]);
        isBroken = false;
        throw new Error('a defect');
      },
    });
    const first = await connect(t, edge);
    first.write('x');
    t.deepEqual(await readAll(first), ANSWER);
    first.end();
    t.is((await edge.outcome()).reason, 'internal-error');
    t.regex(edge.problems[0]?.message ?? '', /a defect/);
    const second = await connect(t, edge);
    second.write('x');
    await backend.accept();
    t.pass();
  });

  test(`${name}: turns away what is over its limit of connections, and takes the next when one has gone`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { limits: { maxConnections: 1 }, candidates: [backend] });
    const first = await connect(t, edge);
    first.write('x');
    await backend.accept();
    const second = await connect(t, edge);
    t.deepEqual(await readAll(second), ANSWER);
    second.end();
    t.is((await edge.outcome()).reason, 'overloaded');
    first.resetAndDestroy();
    await edge.outcome();
    const third = await connect(t, edge);
    third.write('x');
    await backend.accept();
    t.pass();
  });

  test(`${name}: lets live connections go on when a listener stops, and closes them when told to`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, { candidates: [backend] });
    const client = await connect(t, edge);
    client.write('x');
    const accepted = await backend.accept();
    await readBytes(accepted, 1);
    edge.listening.stop();
    await t.throwsAsync(connect(t, edge), { code: 'ECONNREFUSED' });
    client.write('still here');
    t.is(String(await readBytes(accepted, 10)), 'still here');
    edge.engine.closeConnections();
    t.is((await edge.outcome()).reason, 'drained');
    t.is(edge.engine.liveConnections, 0);
  });

  test(`${name}: closes both sockets when a client's end and its reset are seen at once`, async (t) => {
    const peers = new Worker(PEERS, { eval: true });
    t.teardown(() => peers.terminate());
    const [port] = await once(peers, 'message');
    const edge = await startEngine(t, create, { candidates: [{ address: '127.0.0.1', port }] });
    peers.postMessage(edge.port);
    t.deepEqual(await once(peers, 'message'), ['relaying']);
    const closing = once(peers, 'message');
    const isDone = new Int32Array(new SharedArrayBuffer(4));
    peers.postMessage(isDone);
    // The engine's loop stands still meanwhile, so that all of it is there when it goes on.
    t.not(Atomics.wait(isDone, 0, 0, 5000), 'timed-out');
    t.deepEqual(await closing, ['backend closed']);
    t.is((await edge.outcome()).reason, 'client-reset');
  });

  test(`${name}: leaves no descriptor behind`, async (t) => {
    const backend = await startTestServer(t, {
      onConnection: (socket) => socket.on('data', () => socket.end('bye')).on('end', () => socket.end()),
    });
    const gone = await startTestServer(t);
    let turn = 0;
    const edge = await startEngine(t, create, {
      decide: () => {
        turn += 1;
        if (turn % 3 === 0) return forward([gone, gone]);
        return forward([backend]);
      },
    });
    await gone.close();
    const run = async (count: number) => {
      for (let made = 0; made < count; made += 1) {
        const client = await connect(t, edge);
        client.write('x');
        if (made % 5 === 0) client.resetAndDestroy();
        else {
          await readAll(client);
          client.end();
        }
        await closed(client);
        await edge.outcome();
      }
    };
    await run(20);
    const before = readdirSync('/proc/self/fd').length;
    await run(300);
    // The test's own ends of the last connections may take a turn longer.
    for (let turns = 0; turns < 200 && readdirSync('/proc/self/fd').length > before; turns += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    t.true(readdirSync('/proc/self/fd').length <= before);
  });
}

/**
 * A client and a backend in a thread of their own. Told a port, the client connects to it; then, with a flag to set, it
 * ends its side and resets, and the backend sends something after that.
 */
const PEERS = `
  const net = require('node:net');
  const { parentPort } = require('node:worker_threads');
  let accepted;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    accepted = socket;
    socket.on('error', () => {});
    socket.once('data', () => parentPort.postMessage('relaying'));
    // Only a write tells a socket that has been ended that it is reset, too.
    const writing = setInterval(() => socket.readableEnded && socket.write('more'), 10);
    socket.on('close', () => {
      clearInterval(writing);
      parentPort.postMessage('backend closed');
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  let client;
  parentPort.on('message', (told) => {
    if (typeof told === 'number') {
      client = net.connect({ host: '127.0.0.1', port: told, allowHalfOpen: true }).on('error', () => {});
      client.write('x');
      return;
    }
    client.once('close', () => accepted.write('too late', () => {
      Atomics.store(told, 0, 1);
      Atomics.notify(told, 0);
    }));
    client.end(() => client.resetAndDestroy());
  });
`;
