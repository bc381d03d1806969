import type { CommandResult } from '../control.ts';
import type { Statements } from '../database.ts';
import type { EventFilterInput } from '../inputs.ts';
import type { EventList, FailedEventView } from '../views.ts';
import { EVENT_CONDITION, type EventFilter, eventFilterValues, parseEventFilter } from './event-filter.ts';
import { EVENT_VIEW_COLUMNS, type EventViewRow, eventView } from './event-view.ts';

/** The last events that an unchecked filter lets through, oldest first. */
export async function listEvents(
  database: Statements,
  input: EventFilterInput,
): Promise<CommandResult<EventList>> {
  const filter = parseEventFilter(input);
  if (filter.kind === 'invalid') return filter;
  return { kind: 'ok', value: await lastEvents(database, filter.value, null), isReplay: false };
}

/** The last events up to the number `upTo` (null for no bound) that the filter lets through, oldest first. */
export async function lastEvents(
  database: Statements,
  filter: EventFilter,
  upTo: number | null,
): Promise<EventList> {
  const { limit } = filter;
  const rows = await database.query<EventViewRow>(
    `select ${EVENT_VIEW_COLUMNS} from weir.events as events
     where ${EVENT_CONDITION} and ($6::bigint is null or events.seq <= $6)
     order by events.seq desc limit $7`,
    [...eventFilterValues(filter), upTo, limit + 1],
  );
  return { events: rows.slice(0, limit).reverse().map(eventView), hasEarlier: rows.length > limit };
}

/** The events that were set aside, in the order of their numbers. */
export async function listFailedEvents(database: Statements): Promise<readonly FailedEventView[]> {
  const rows = await database.query<EventViewRow & { readonly error: string; readonly failed_at: Date }>(
    `select ${EVENT_VIEW_COLUMNS}, failed.error, failed.failed_at
     from weir.failed_events as failed join weir.events as events on events.seq = failed.seq
     order by failed.seq`,
  );
  return rows.map((row) => ({
    ...eventView(row),
    error: row.error,
    failedAt: row.failed_at.toISOString(),
  }));
}
