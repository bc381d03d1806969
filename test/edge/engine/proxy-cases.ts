import type { SerialFn } from 'ava';
import type { Proxied } from '../../../edge/connection/facts.ts';
import type { Decision } from '../../../edge/connection/plan.ts';
import type { CreateEngine, EngineHost } from '../../../edge/engine/contract.ts';
import { connect, readAll, readBytes, startTestServer } from '../../support/tcp.ts';
import { until } from '../../support/until.ts';
import { ANSWER, forward, startEngine } from './harness.ts';

/** Stands for a PROXY header: the engine itself reads none. */
const HEADER = 'HEADER:';

const BY: Proxied = {
  source: { address: '192.0.2.1', port: 51_000 },
  destination: { address: '198.51.100.1', port: 443 },
  alpn: null,
  authority: null,
  uniqueId: 'id-1',
  privateLink: 'vpce-1',
};

/** How an engine drops a PROXY header, and how long it waits for one. */
export function proxyCases(test: SerialFn, name: string, create: CreateEngine): void {
  for (const [how, pieces] of [
    ['alone', [HEADER, 'hello']],
    ['with what follows', [`${HEADER}hello`]],
    ['in pieces, the last with what follows', ['HEA', 'DER', ':hel', 'lo']],
  ] as const) {
    test(`${name}: replays what comes behind a PROXY header and not the header, which came ${how}`, async (t) => {
      const backend = await startTestServer(t);
      const edge = await startEngine(t, create, {
        proxyProtocol: 'required',
        decide: (peeked, facts) =>
          withHeader(peeked, facts, BY, (rest) =>
            rest.length < 5 ? { kind: 'need-more' } : forward([backend]),
          ),
      });
      const client = await connect(t, edge);
      const accepting = backend.accept();
      for (const piece of pieces) {
        client.write(piece);
        // Nothing tells when the edge has read it; what it was shown does.
        while (!edge.peeks.some((peek) => peek.includes(piece.slice(-3)))) await new Promise(setImmediate);
      }
      const inside = await accepting;
      client.end();
      t.is((await readAll(inside)).toString(), 'hello');
      inside.end();
      t.like(await edge.outcome(), {
        reason: 'completed',
        clientAddress: '192.0.2.1',
        clientPort: 51_000,
        peer: { address: '127.0.0.1' },
        uniqueId: 'id-1',
        privateLink: 'vpce-1',
        bytesFromClient: HEADER.length + 5,
      });
    });
  }

  test(`${name}: decides on a raw port as soon as the PROXY header is there, for a backend that speaks first`, async (t) => {
    const backend = await startTestServer(t);
    const seen: string[] = [];
    const edge = await startEngine(t, create, {
      peek: 'none',
      proxyProtocol: 'required',
      decide: (peeked, facts) =>
        withHeader(peeked, facts, BY, () => {
          seen.push(`${facts.clientAddress}:${facts.clientPort} ${facts.localAddress}:${facts.localPort}`);
          return forward([backend]);
        }),
    });
    const client = await connect(t, edge);
    const accepting = backend.accept();
    client.write(HEADER);
    const inside = await accepting;
    inside.end('220 ready');
    t.is((await readAll(client)).toString(), '220 ready');
    client.end();
    t.deepEqual(seen, ['192.0.2.1:51000 198.51.100.1:443']);
    t.like(await edge.outcome(), { reason: 'completed', clientAddress: '192.0.2.1' });
  });

  test(`${name}: keeps its own addresses where a PROXY header names none`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, {
      proxyProtocol: 'optional',
      decide: (peeked, facts) =>
        withHeader(peeked, facts, { ...BY, source: null, destination: null }, () => forward([backend])),
    });
    const client = await connect(t, edge);
    const { localPort } = client;
    const accepting = backend.accept();
    client.end(`${HEADER}x`);
    const inside = await accepting;
    t.is((await readAll(inside)).toString(), 'x');
    inside.end();
    t.like(await edge.outcome(), {
      clientAddress: '127.0.0.1',
      clientPort: localPort,
      peer: { address: '127.0.0.1', port: localPort },
    });
  });

  for (const peek of ['tls', 'none'] as const) {
    test(`${name}: ends a connection whose PROXY header does not come in time, peeking at ${peek}`, async (t) => {
      const edge = await startEngine(t, create, {
        peek,
        proxyProtocol: 'required',
        limits: { proxyHeaderTimeoutMs: 150, helloTimeoutMs: 60_000 },
        decide: () => ({ kind: 'need-header' }),
      });
      const silent = await connect(t, edge);
      t.deepEqual(await readAll(silent), ANSWER);
      silent.end();
      t.like(await edge.outcome(), { reason: 'proxy-timeout', bytesFromClient: 0, peer: null });
      const slow = await connect(t, edge);
      slow.write('HEA');
      t.deepEqual(await readAll(slow), ANSWER);
      slow.end();
      t.like(await edge.outcome(), { reason: 'proxy-timeout', bytesFromClient: 3 });
    });
  }

  test(`${name}: gives the hello the rest of its own time once there is no PROXY header to wait for`, async (t) => {
    const edge = await startEngine(t, create, {
      proxyProtocol: 'optional',
      limits: { proxyHeaderTimeoutMs: 100, helloTimeoutMs: 500 },
      decide: (peeked, facts) => withHeader(peeked, facts, BY, () => ({ kind: 'need-more' })),
    });
    for (const pieces of [[''], [HEADER], ['not a header'], [HEADER.slice(0, 2), 'llo']]) {
      const client = await connect(t, edge);
      const first = pieces.join('');
      for (const piece of pieces) {
        const before = edge.peeks.length;
        client.write(piece);
        if (piece !== '') await until('the decision', () => edge.peeks.length > before);
      }
      t.deepEqual(await readAll(client), ANSWER);
      client.end();
      const { reason, durationMs } = await edge.outcome();
      t.is(reason, 'hello-timeout', first);
      t.true(durationMs >= 500, first);
    }
  });

  test(`${name}: a hello's deadline holds for its PROXY header too`, async (t) => {
    const edge = await startEngine(t, create, {
      proxyProtocol: 'required',
      limits: { proxyHeaderTimeoutMs: 60_000, helloTimeoutMs: 150 },
      decide: () => ({ kind: 'need-header' }),
    });
    const client = await connect(t, edge);
    t.deepEqual(await readAll(client), ANSWER);
    client.end();
    t.is((await edge.outcome()).reason, 'proxy-timeout');
  });

  test(`${name}: does not count a PROXY header to the hello's size`, async (t) => {
    const backend = await startTestServer(t);
    const edge = await startEngine(t, create, {
      proxyProtocol: 'required',
      limits: { maxHelloBytes: 100 },
      decide: (peeked) => {
        if (peeked.length > 0 && peeked[0] !== 0x48) return forward([backend]);
        if (peeked.length < 1000) return { kind: 'need-header' };
        return { kind: 'proxied', headerBytes: 1000, by: BY };
      },
    });
    const client = await connect(t, edge);
    client.write('H'.repeat(500));
    const accepting = backend.accept();
    client.write(`${'H'.repeat(500)}x`);
    t.is((await readBytes(await accepting, 1)).toString(), 'x');
  });
}

/** Decides as if `HEADER` were a PROXY header by which the rest is to be judged. */
function withHeader(
  peeked: Uint8Array,
  facts: Parameters<EngineHost['decide']>[1],
  by: Proxied,
  then: (rest: Uint8Array) => Decision,
): Decision {
  const text = Buffer.from(peeked).toString();
  if (facts.proxied !== null) return then(peeked);
  if (text.startsWith(HEADER)) return { kind: 'proxied', headerBytes: HEADER.length, by };
  if (HEADER.startsWith(text)) return { kind: 'need-header' };
  return then(peeked);
}
