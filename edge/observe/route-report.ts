import type { BoundPort, BoundRoute } from '../../routing/table/table.ts';
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

function describeRoute({ key, route, service }: BoundRoute): object {
  return {
    key,
    listener: route.listener,
    hostname: route.pattern,
    service: service.key,
    backendPort: route.backendPort,
    proxyProtocol: route.proxyProtocol,
    redirectToHttps: route.redirectToHttps,
    readyEndpoints: service.ready.length,
    isLive: route.redirectToHttps || service.ready.length > 0,
    reason: route.redirectToHttps || service.ready.length > 0 ? null : 'no-endpoint',
  };
}

function describePort(
  { key, binding, service }: BoundPort,
  listeners: ReturnType<EdgeView['listeners']>,
): object {
  const sockets = listeners.filter(({ peek, port }) => peek === 'none' && port === binding.port);
  const problem = sockets.find(({ problem: text }) => text !== null)?.problem ?? null;
  const reason =
    sockets.length === 0
      ? 'outside-listener-ranges'
      : problem !== null
        ? 'listen-failed'
        : service.ready.length === 0
          ? 'no-endpoint'
          : null;
  return {
    key,
    port: binding.port,
    service: service.key,
    backendPort: binding.backendPort,
    proxyProtocol: binding.proxyProtocol,
    readyEndpoints: service.ready.length,
    isLive: reason === null,
    reason,
    problem,
  };
}
