import test from 'ava';
import { answerFor } from '../../../edge/connection/answer.ts';
import { decide } from '../../../edge/connection/decide.ts';
import type { ConnectionFacts } from '../../../edge/connection/facts.ts';
import { planForward } from '../../../edge/connection/forward.ts';
import type { Forward } from '../../../edge/connection/verdict.ts';
import { encodeProxyV2 } from '../../../edge/wire/proxy-v2.ts';
import type { Change } from '../../../routing/model/change.ts';
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
  };
  t.is(planForward(forwardTo(routeRow('app.example.com')), facts, POLICY).prelude, null);
  t.throws(() => planForward(forwardTo(withProxy(routeRow('app.example.com'))), facts, POLICY));
});

test('a route with PROXY v2 says who the client is, which name it asked for and the one protocol it offers', (t) => {
  const row = withProxy(routeRow('app.example.com'));
  const header = { source: CLIENT, destination: SERVER, authority: 'app.example.com', hasChecksum: true };
  t.deepEqual(
    planForward(forwardTo(row, ['h2']), factsOf('tls'), POLICY).prelude,
    encodeProxyV2({ ...header, alpn: 'h2' }),
  );
  t.deepEqual(
    planForward(forwardTo(row, ['h2', 'http/1.1']), factsOf('tls'), POLICY).prelude,
    encodeProxyV2(header),
  );
  t.deepEqual(planForward(forwardTo(row, []), factsOf('tls'), POLICY).prelude, encodeProxyV2(header));
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
  t.deepEqual(
    plan.prelude,
    encodeProxyV2({ source: CLIENT, destination: { ...SERVER, port: 20_000 }, hasChecksum: true }),
  );
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

function withProxy(row: Change): Change {
  if (row.kind === 'endpoint' || row.value === null) throw new Error('only a route can ask for PROXY');
  return { ...row, value: { ...row.value, proxyProtocol: 'v2' } } as Change;
}
