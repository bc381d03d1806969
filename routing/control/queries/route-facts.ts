import type { Statements } from '../database.ts';
import type { RouteView } from '../views.ts';
import { listNodes } from './nodes.ts';
import type { RouteFacts } from './route-report.ts';

/** Reads what surrounds a route that is there; `stream` is its own. */
export async function loadRouteFacts(
  database: Statements,
  route: RouteView,
  { stream, otherAlpn }: Pick<RouteFacts, 'otherAlpn'> & { readonly stream: string },
): Promise<RouteFacts> {
  const backends = [route, ...route.others];
  const services = backends.map(({ app, env, process }) => `${route.org}/${app}/${env}/${process}`);
  const [counts, waiting, nodes] = await Promise.all([
    database.query<EndpointCounts>(COUNT_ENDPOINTS, [services]),
    database.query<{ readonly error: string | null }>(UNPROJECTED, [stream, route.revision]),
    listNodes(database),
  ]);
  return {
    route,
    otherAlpn,
    backends: backends.map(({ backendPort, weight }, at) => {
      const service = services[at] ?? '';
      const found = counts.find((each) => each.service === service);
      const endpoints = found?.endpoints ?? 0;
      return { service, backendPort, weight, endpoints, readyEndpoints: found?.ready ?? 0 };
    }),
    pendingEvents: waiting.filter(({ error }) => error === null).length,
    failures: waiting.map(({ error }) => error).filter((error) => error !== null),
    nodes,
  };
}

interface EndpointCounts {
  readonly service: string;
  readonly endpoints: number;
  readonly ready: number;
}

const COUNT_ENDPOINTS = `
  select service, count(*)::integer as endpoints, (count(*) filter (where is_ready))::integer as ready
  from weir.endpoints where service = any ($1) and not is_deleted group by service`;

/** Of the stream, after the event that is the route's revision. */
const UNPROJECTED = `
  select failed.error
  from weir.events
  left join weir.failed_events as failed using (seq)
  left join weir.projected_events as projected using (seq)
  where events.stream = $1 and projected.seq is null
    and events.seq > coalesce((select seq from weir.projected_events where revision = $2), 0)
  order by events.stream_version desc`;
