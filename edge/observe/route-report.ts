import type { BoundPort, BoundRoute } from '../../routing/table/table.ts';
import { hasCandidate, targetOf } from '../upstream/weighted.ts';
import type { EdgeView } from './edge-view.ts';

/** Narrows `/routes`: a routing key that contains `search`, or one org's. */
export interface RouteFilter {
  readonly search: string | null;
  readonly org: string | null;
}

/** What this edge routes by right now, as one JSON document in pieces, so that a large table is never held as text. */
export function* routeReport(edge: EdgeView, filter: RouteFilter): Generator<string, void, undefined> {
  const { state, staleSeconds, problem } = edge.stream();
  const head = { node: edge.node, revision: edge.revision(), stream: { state, staleSeconds, problem } };
  yield `${JSON.stringify(head).slice(0, -1)},"routes":[`;
  yield* elements(edge.table.routes(), filter, describeRoute);
  yield '],"ports":[';
  const listeners = edge.listeners();
  yield* elements(edge.table.bindings(), filter, (bound) => describePort(bound, listeners));
  yield `],"rejected":${JSON.stringify(edge.rejectedRows())}}\n`;
}

function* elements<Bound extends BoundRoute | BoundPort>(
  all: Iterable<Bound>,
  { search, org }: RouteFilter,
  describe: (bound: Bound) => object,
): Generator<string, void, undefined> {
  let separator = '\n';
  for (const bound of all) {
    if (search !== null && !bound.key.includes(search)) continue;
    if (org !== null && !bound.service.key.startsWith(`${org}/`)) continue;
    yield separator + JSON.stringify(describe(bound));
    separator = ',\n';
  }
}

function describeRoute(bound: BoundRoute): object {
  const { key, route } = bound;
  const isLive = route.redirectToHttps || hasCandidate(bound);
  return {
    key,
    listener: route.listener,
    hostname: route.pattern,
    alpn: route.alpn,
    ...describeBackends(bound),
    proxyProtocol: route.proxyProtocol,
    proxyTlvs: route.proxyTlvs,
    redirectToHttps: route.redirectToHttps,
    isLive,
    reason: isLive ? null : 'no-endpoint',
  };
}

function describePort(bound: BoundPort, listeners: ReturnType<EdgeView['listeners']>): object {
  const { key, binding } = bound;
  const sockets = listeners.filter((listener) => listener.binding === key);
  const problem = sockets.find(({ problem: text }) => text !== null)?.problem ?? null;
  const reason =
    sockets.length === 0
      ? binding.address === null
        ? 'outside-listener-ranges'
        : 'address-not-served'
      : problem !== null
        ? 'listen-failed'
        : hasCandidate(bound)
          ? null
          : 'no-endpoint';
  return {
    key,
    address: binding.address,
    port: binding.port,
    ...describeBackends(bound),
    proxyProtocol: binding.proxyProtocol,
    proxyTlvs: binding.proxyTlvs,
    isLive: reason === null,
    reason,
    problem,
  };
}

function describeBackends(bound: BoundRoute | BoundPort): object {
  const { service, backendPort, weight, others } = targetOf(bound);
  return {
    service,
    backendPort,
    weight,
    readyEndpoints: bound.service.ready.length,
    others: others.map((backend, at) => ({
      ...backend,
      readyEndpoints: bound.others[at]?.ready.length ?? 0,
    })),
  };
}
