import type { Statements } from '../database.ts';
import type { RouteView } from '../views.ts';
import { listNodes } from './nodes.ts';
import type { RouteFacts } from './route-report.ts';

/** Reads what surrounds a route that is there. */
export async function loadRouteFacts(database: Statements, route: RouteView): Promise<RouteFacts> {
  const service = `${route.org}/${route.app}/${route.env}/${route.process}`;
  const stream = `route/${route.listener}/${route.hostname}`;
  const [[counts], waiting, nodes] = await Promise.all([
    database.query<{ readonly endpoints: number; readonly ready: number }>(COUNT_ENDPOINTS, [service]),
    database.query<{ readonly error: string | null }>(UNPROJECTED, [stream, route.revision]),
    listNodes(database),
  ]);
  return {
    route,
    endpoints: counts?.endpoints ?? 0,
    readyEndpoints: counts?.ready ?? 0,
    pendingEvents: waiting.filter(({ error }) => error === null).length,
    failures: waiting.map(({ error }) => error).filter((error) => error !== null),
    nodes,
  };
}

const COUNT_ENDPOINTS = `
  select count(*)::integer as endpoints, (count(*) filter (where is_ready))::integer as ready
  from weir.endpoints where service = $1 and not is_deleted`;

/** Of the stream, after the event that is the route's revision. */
const UNPROJECTED = `
  select failed.error
  from weir.events
  left join weir.failed_events as failed using (seq)
  left join weir.projected_events as projected using (seq)
  where events.stream = $1 and projected.seq is null
    and events.seq > coalesce((select seq from weir.projected_events where revision = $2), 0)
  order by events.stream_version desc`;
