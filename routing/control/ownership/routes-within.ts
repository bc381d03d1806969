import type { Domain } from '../../model/domain.ts';
import type { Route } from '../../model/route.ts';
import type { Statements } from '../database.ts';
import type { EventRow } from '../events/decode-event.ts';
import { EVENT_COLUMNS, readable } from '../events/event-log.ts';
import { reversed } from './load-claims.ts';

/**
 * The routes whose names lie in a domain, from the log, as they were created: their names and orgs stay. Whoever decides
 * by it holds the name's lock.
 */
export async function loadRoutesWithin(transaction: Statements, domain: Domain): Promise<readonly Route[]> {
  const below = `${reversed(domain)}.`;
  const rows = await transaction.query<EventRow>(SELECT_ROUTES, [
    reversed(domain),
    below,
    `${below.slice(0, -1)}/`,
  ]);
  const routes: Route[] = [];
  for (const row of rows) {
    const { event } = readable(row);
    if (event.type === 'route.created') routes.push(event.payload);
  }
  return routes;
}

// A wildcard, "*.example.com", ends like the names below "example.com".
const SELECT_ROUTES = `
  select ${EVENT_COLUMNS} from (
    select distinct on (stream) * from weir.events
    where type in ('route.created', 'route.deleted')
      and (reverse(payload ->> 'pattern') collate "C" = $1
        or reverse(payload ->> 'pattern') collate "C" >= $2 and reverse(payload ->> 'pattern') collate "C" < $3)
    order by stream, stream_version desc
  ) as events
  where events.type <> 'route.deleted'
  order by events.stream`;
