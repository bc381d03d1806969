import type { SerialFn } from 'ava';
import type { Decision } from '../../../edge/connection/plan.ts';
import type { CreateEngine } from '../../../edge/engine/contract.ts';
import { closed, connect, errorOf, readAll, readBytes, startTestServer } from '../../support/tcp.ts';
import { until } from '../../support/until.ts';
import { ANSWER, forward, startEngine } from './harness.ts';

const NO_LIMITS = { connections: 0, perAddress: 0, perSubnet: 0, bytes: 0, graceMs: 0 };

const REFUSAL: Decision = {
  kind: 'refuse',
  reason: 'not-tls',
  answer: ANSWER,
  serverName: null,
  route: null,
  service: null,
  hasEch: false,
  ja4: null,
};

/** How an engine bounds what it knows nothing about yet. */
export function pendingCases(test: SerialFn, name: string, create: CreateEngine): void {
  test(`${name}: resets the oldest connection that nothing is decided about for one too many`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, {
      limits: { pending: { ...NO_LIMITS, connections: 2 } },
      decide: (peeked) => (peeked.length < 2 ? { kind: 'need-more' } : forward([backend])),
    });
    const decided = await connect(t, edge, '127.0.0.1');
    const accepting = backend.accept();
    decided.write('go');
    await accepting;

    const oldest = await connect(t, edge, '127.0.0.1');
    oldest.write('g');
    await until('the first byte', () => edge.peeks.some((peeked) => peeked.length === 1));
    const next = await connect(t, edge, '127.0.0.2');
    await until('both', () => edge.engine.liveConnections === 3);
    const last = await connect(t, edge, '127.0.0.3');
    t.like(await edge.outcome(), {
      reason: 'gave-way',
      clientAddress: '127.0.0.1',
      bytesFromClient: 1,
      decideMs: null,
    });
    await closed(oldest);
    t.is(errorOf(oldest), 'ECONNRESET');
    for (const client of [next, last]) {
      const inside = backend.accept();
      client.end('go');
      t.is((await readAll(await inside)).toString(), 'go');
    }
    t.is(errorOf(decided), null);
  });

  test(`${name}: resets the oldest undecided connection for one too many in all, and refuses where all are decided`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, {
      limits: { maxConnections: 2 },
      decide: () => forward([backend]),
    });
    const gone = await connect(t, edge);
    await until('its accept', () => edge.engine.liveConnections === 1);
    gone.resume().end();
    t.is((await edge.outcome()).reason, 'client-left');

    const { localPort } = await connect(t, edge);
    await until('its accept', () => edge.engine.liveConnections === 1);
    for (const count of [1, 2]) {
      const client = await connect(t, edge);
      const accepting = backend.accept();
      client.write('go');
      await accepting;
      if (count === 1) t.is(edge.outcomes.length, 1);
    }
    t.like(await edge.outcome(), { reason: 'gave-way', clientPort: localPort });
    const third = await connect(t, edge);
    t.deepEqual(await readAll(third), ANSWER);
    third.end();
    t.like(await edge.outcome(), { reason: 'overloaded' });
  });

  test(`${name}: lets nobody who was refused, and does not leave, take a place from others`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, {
      limits: { maxConnections: 4, lingerMs: 60_000 },
      decide: (peeked) => (Buffer.from(peeked).toString() === 'go' ? forward([backend]) : REFUSAL),
    });
    for (let count = 0; count < 40; count += 1) {
      const junk = await connect(t, edge);
      junk.write('junk');
      t.deepEqual(await readAll(junk), ANSWER);
    }
    for (let count = 0; count < 4; count += 1) {
      const client = await connect(t, edge);
      const accepting = backend.accept();
      client.write('go');
      t.deepEqual(await readBytes(await accepting, 2), Buffer.from('go'));
    }
    t.deepEqual(new Set(edge.outcomes.map(({ reason }) => reason)), new Set(['not-tls']));
    // Four places, and some beside them for those who are read an answer to.
    t.true(edge.engine.liveConnections < 24, `${edge.engine.liveConnections} live`);
  });

  test(`${name}: resets the newcomer while even the oldest undecided connection has just come`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, {
      limits: { pending: { ...NO_LIMITS, connections: 1, graceMs: 60_000 } },
      decide: () => forward([backend]),
    });
    const first = await connect(t, edge);
    await until('its accept', () => edge.engine.liveConnections === 1);
    // The reset may come before its client has noticed that it is connected.
    await connect(t, edge).then(closed, (error) => t.is(error.code, 'ECONNRESET'));
    t.is((await edge.outcome()).reason, 'gave-way');
    const accepting = backend.accept();
    first.write('go');
    await accepting;
    t.is(edge.engine.liveConnections, 1);
  });

  test(`${name}: resets the oldest undecided connection of a source that has one too many`, async (t) => {
    const edge = await startEngine(t, create, {
      limits: { pending: { ...NO_LIMITS, perAddress: 2 } },
      decide: () => ({ kind: 'need-more' }),
    });
    const quiet = await connect(t, edge, '127.0.0.9');
    const ports = [];
    for (let count = 0; count < 4; count += 1) {
      ports.push((await connect(t, edge, '127.0.0.1')).localPort);
      await until('its accept', () => edge.engine.liveConnections + edge.outcomes.length === count + 2);
    }
    t.like(await edge.outcome(), { reason: 'gave-way', clientPort: ports[0] });
    t.like(await edge.outcome(), { reason: 'gave-way', clientPort: ports[1] });
    t.is(edge.engine.liveConnections, 3);
    t.is(errorOf(quiet), null);
  });

  test(`${name}: counts a connection as undecided no longer than it lives, however it ends`, async (t) => {
    const edge = await startEngine(t, create, {
      limits: { pending: { ...NO_LIMITS, connections: 3, perAddress: 3, bytes: 200 }, helloTimeoutMs: 400 },
      decide: () => ({ kind: 'need-more' }),
    });
    for (const end of ['end', 'resetAndDestroy', 'wait'] as const) {
      for (let count = 0; count < 3; count += 1) {
        const client = await connect(t, edge);
        client.resume();
        client.write('x'.repeat(50));
        const seen = edge.peeks.length;
        await until('its bytes', () => edge.peeks.length > seen);
        if (end === 'wait') client.once('end', () => client.end());
        else client[end]();
      }
      for (let count = 0; count < 3; count += 1) await edge.outcome();
    }
    const reasons = edge.outcomes.map(({ reason }) => reason);
    t.deepEqual(new Set(reasons.slice(0, 6)), new Set(['client-left']));
    t.deepEqual(new Set(reasons.slice(6)), new Set(['hello-timeout']));
  });

  test(`${name}: counts a believed proxy's connections for the /64 of whom their headers name`, async (t) => {
    const edge = await startEngine(t, create, {
      proxyProtocol: 'required',
      trusted: ['127.0.0.1'],
      limits: { pending: { ...NO_LIMITS, perAddress: 2, perSubnet: 3 } },
      decide: (peeked, facts): Decision => {
        if (facts.proxied !== null) return { kind: 'need-more' };
        return peeked.length < 1
          ? { kind: 'need-header' }
          : named(`2001:db8::${Buffer.from(peeked).toString()}`);
      },
    });
    const clients = [];
    for (const [count, digit] of ['1', '2', '3', '4', '4', '4'].entries()) {
      const client = await connect(t, edge, '127.0.0.1');
      await until('the accept', () => edge.peeks.filter((peeked) => peeked.length === 0).length > count);
      clients.push({ client, digit });
    }
    t.is(edge.outcomes.length, 0);
    for (const [count, { client, digit }] of clients.entries()) {
      client.write(digit);
      await until('the header', () => edge.peeks.filter((peeked) => peeked.length === 1).length > count);
    }
    const gone = [await edge.outcome(), await edge.outcome(), await edge.outcome()];
    t.deepEqual(
      gone.map(({ reason, clientAddress }) => [reason, clientAddress]),
      [
        ['gave-way', '2001:db8::1'],
        ['gave-way', '2001:db8::2'],
        ['gave-way', '2001:db8::4'],
      ],
    );
    t.is(edge.engine.liveConnections, 3);
  });

  test(`${name}: resets whoever was first to need memory when unfinished hellos take too much`, async (t) => {
    const edge = await startEngine(t, create, {
      limits: { pending: { ...NO_LIMITS, bytes: 5000 }, maxHelloBytes: 4096 },
      decide: () => ({ kind: 'need-more' }),
    });
    const silent = await connect(t, edge, '127.0.0.1');
    for (const [count, address] of ['127.0.0.2', '127.0.0.3', '127.0.0.4'].entries()) {
      const client = await connect(t, edge, address);
      client.write(Buffer.alloc(2000));
      await until('its bytes', () => edge.peeks.length > count);
    }
    t.like(await edge.outcome(), { reason: 'gave-way', clientAddress: '127.0.0.2', bytesFromClient: 2000 });
    t.is(edge.engine.liveConnections, 3);
    t.is(errorOf(silent), null);
  });
}

function named(address: string): Decision {
  const by = { source: { address, port: 1 }, destination: null };
  const tlvs = { alpn: null, authority: null, uniqueId: null, privateLink: null };
  return { kind: 'proxied', headerBytes: 1, by: { ...by, ...tlvs } };
}
