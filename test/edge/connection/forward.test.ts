import test from 'ava';
import { answerFor } from '../../../edge/connection/answer.ts';
import { decide } from '../../../edge/connection/decide.ts';
import type { ConnectionFacts } from '../../../edge/connection/facts.ts';
import { planForward } from '../../../edge/connection/forward.ts';
import type { Forward } from '../../../edge/connection/verdict.ts';
import { encodeProxyV2 } from '../../../edge/wire/proxy-v2.ts';
import type { Change } from '../../../routing/model/change.ts';
import type { ProxyTlv } from '../../../routing/model/proxy-tlv.ts';
import { RouteTable } from '../../../routing/table/route-table.ts';
import { endpointRow, portRow, routeRow } from '../../routing/table/sample-rows.ts';
import { helloMessage, inRecords } from '../../support/client-hello.ts';
import { factsOf } from './facts-of.ts';

const SERVICE = 'acme/shop/prod/web';
const POLICY = { dialTimeoutMs: 1000, idleTimeoutMs: 2000, halfClosedTimeoutMs: 3000 };
const CLIENT = { address: '192.0.2.1', port: 51000 };
const SERVER = { address: '198.51.100.1', port: 443 };

test('a plan has the candidates, the times, the answer and the names', (t) => {
  const verdict = forwardTo(routeRow('app.example.com', { backendPort: 8443 }));
  t.deepEqual(planForward(verdict, factsOf('tls'), POLICY), {
    candidates: [{ address: 'fd00::1', port: 8443, service: SERVICE }],
    ...POLICY,
    prelude: null,
    unreachableAnswer: answerFor('backend-refused', 'tls'),
    serverName: 'app.example.com',
    route: 'tls/app.example.com',
    hasEch: false,
    uniqueId: null,
    ja4: null,
  });
});

test('a route without PROXY touches no address', (t) => {
  const facts: ConnectionFacts = {
    listener: factsOf('tls').listener,
    get clientAddress(): string {
      throw new Error('asked for the client');
    },
    clientPort: 0,
    get localAddress(): string {
      throw new Error('asked for the edge');
    },
    localPort: 0,
    peerAddress: '',
    peerPort: 0,
    proxied: null,
  };
  t.is(planForward(forwardTo(routeRow('app.example.com')), facts, POLICY).prelude, null);
  t.throws(() => planForward(forwardTo(withProxy(routeRow('app.example.com'))), facts, POLICY));
});

const HEADER = { source: CLIENT, destination: SERVER, authority: 'app.example.com' };

/** The header for a TLS client with these offers, of a route with these TLVs. */
function headerOf(alpn: readonly string[], ...tlvs: readonly ProxyTlv[]): Uint8Array | null {
  const row = withProxy(routeRow('app.example.com'), ...tlvs);
  return planForward(forwardTo(row, alpn), factsOf('tls'), POLICY).prelude;
}

test('a route with PROXY v2 says who the client is, which name it asked for, and nothing else unless it is chosen', (t) => {
  t.deepEqual(headerOf(['h2']), encodeProxyV2(HEADER));
  t.deepEqual(headerOf(['h2'], 'crc32c'), encodeProxyV2({ ...HEADER, hasChecksum: true }));
  t.deepEqual(
    headerOf(['h2'], 'org', 'app', 'env'),
    encodeProxyV2({ ...HEADER, org: 'acme', app: 'shop', env: 'prod' }),
  );
  t.deepEqual(headerOf(['h2'], 'env'), encodeProxyV2({ ...HEADER, env: 'prod' }));
});

test('the ALPN is said where the client offers a single protocol', (t) => {
  t.deepEqual(headerOf(['h2'], 'alpn'), encodeProxyV2({ ...HEADER, alpn: 'h2' }));
  t.deepEqual(headerOf(['h2', 'http/1.1'], 'alpn'), encodeProxyV2(HEADER));
  t.deepEqual(headerOf([], 'alpn'), encodeProxyV2(HEADER));
});

test("the unique id is the connection's own, another each time, or the one that came with it", (t) => {
  const verdict = forwardTo(withProxy(routeRow('app.example.com'), 'unique-id'));
  const [one, other] = [factsOf('tls'), factsOf('tls')].map((facts) => planForward(verdict, facts, POLICY));
  t.regex(one?.uniqueId ?? '', /^[0-9a-f-]{36}$/);
  t.not(one?.uniqueId, other?.uniqueId);
  t.deepEqual(one?.prelude, encodeProxyV2({ ...HEADER, uniqueId: one?.uniqueId ?? '' }));

  const proxied = {
    source: null,
    destination: null,
    alpn: null,
    authority: null,
    privateLink: null,
    uniqueId: 'lb-1',
  };
  const passed = planForward(verdict, { ...factsOf('tls'), proxied }, POLICY);
  t.is(passed.uniqueId, 'lb-1');
  t.deepEqual(passed.prelude, encodeProxyV2({ ...HEADER, uniqueId: 'lb-1' }));
});

test('a port with PROXY v2 has no name to tell', (t) => {
  const routes = tableOf(withProxy(portRow(20_000)));
  const facts = factsOf('none', 20_000);
  const verdict = decide(new Uint8Array(0), facts, routes);
  if (verdict.kind !== 'forward') return t.fail(verdict.kind);
  const plan = planForward(verdict, facts, POLICY);
  t.like(plan, {
    candidates: [{ address: 'fd00::1', port: 5432, service: SERVICE }],
    unreachableAnswer: null,
    serverName: null,
    route: 'port/20000',
  });
  t.deepEqual(plan.prelude, encodeProxyV2({ source: CLIENT, destination: { ...SERVER, port: 20_000 } }));
});

function forwardTo(row: Change, alpn: readonly string[] = []): Forward {
  const verdict = decide(
    inRecords(helloMessage({ serverName: 'app.example.com', alpn })),
    factsOf('tls'),
    tableOf(row),
  );
  if (verdict.kind !== 'forward') throw new Error(verdict.kind);
  return verdict;
}

function tableOf(row: Change): RouteTable {
  const routes = new RouteTable();
  routes.apply(endpointRow('i1'));
  routes.apply(row);
  return routes;
}

function withProxy(row: Change, ...proxyTlvs: readonly ProxyTlv[]): Change {
  if (row.kind === 'endpoint' || row.value === null) throw new Error('only a route can ask for PROXY');
  return { ...row, value: { ...row.value, proxyProtocol: 'v2', proxyTlvs } } as Change;
}
