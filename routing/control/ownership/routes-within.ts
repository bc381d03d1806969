import type { Domain } from '../../model/domain.ts';
import type { HostPattern } from '../../model/hostname.ts';
import type { Route } from '../../model/route.ts';
import type { Statements } from '../database.ts';
import { decodeEvent, type EventRow } from '../events/decode-event.ts';
import type { RecordedEvent } from '../events/event.ts';
import { EVENT_COLUMNS, readable } from '../events/event-log.ts';
import { reversed } from './load-claims.ts';

/**
 * The routes whose names lie in a domain, from the log, as they were created: their names and orgs stay. Whoever decides
 * by it holds the name's lock.
 */
export async function loadRoutesWithin(transaction: Statements, domain: Domain): Promise<readonly Route[]> {
  const below = `${reversed(domain)}.`;
  const rows = await selectRoutes(transaction, [reversed(domain), below, `${below.slice(0, -1)}/`]);
  return rows.map(readable).flatMap(createdIn);
}

/**
 * The routes of a hostname, on whichever listener and whatever they ask for, as above. For hints: what cannot be read is left
 * out.
 */
export async function loadRoutesOf(database: Statements, pattern: HostPattern): Promise<readonly Route[]> {
  const rows = await selectRoutes(database, [reversed(pattern), null, null]);
  return rows
    .map((row) => decodeEvent(row))
    .flatMap((read) => (read.kind === 'ok' ? createdIn(read.value) : []));
}

function selectRoutes(
  database: Statements,
  values: readonly [name: string, from: string | null, to: string | null],
): Promise<readonly EventRow[]> {
  return database.query<EventRow>(SELECT_ROUTES, values);
}

function createdIn({ event }: RecordedEvent): readonly Route[] {
  return event.type === 'route.created' ? [event.payload] : [];
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
