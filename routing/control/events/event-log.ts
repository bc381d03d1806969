import type { Statements } from '../database.ts';
import { DatabaseError } from '../database-error.ts';
import { decodeEvent, type EventRow } from './decode-event.ts';
import { type ControlEvent, type RecordedEvent, streamOf } from './event.ts';
import { currentVersion } from './upcasters.ts';

/** Who recorded an event, and why. */
export interface Origin {
  readonly actor: string;
  readonly reason: string | null;
  readonly idempotencyKey: string | null;
}

/** A stream's last event, and since when what it is about has been there. */
export interface StreamState {
  readonly last: RecordedEvent;
  readonly createdAt: Date;
}

/** The columns that `decodeEvent` reads, of `weir.events` as `events`. */
export const EVENT_COLUMNS = `events.seq, events.stream, events.stream_version, events.type, events.schema_version,
  events.payload, events.actor, events.recorded_at`;

/** What a stream is at this moment, null where it has no event. */
export async function loadStream(database: Statements, stream: string): Promise<StreamState | null> {
  return loadState(database, 'events.stream = $1 order by events.stream_version desc limit 1', stream);
}

/** What each of these streams is at this moment; without those that have no event. */
export async function loadLastEvents(
  database: Statements,
  streams: readonly string[],
): Promise<ReadonlyMap<string, ControlEvent>> {
  const rows = await database.query<EventRow>(SELECT_LAST_EVENTS, [streams]);
  return new Map(rows.map((row) => [row.stream, readable(row).event]));
}

/** What the stream was right after one of its events. */
export async function loadStateAt(database: Statements, seq: number): Promise<StreamState | null> {
  return loadState(database, 'events.seq = $1', seq);
}

/**
 * Appends an event after the stream version that its decision was made on (0 for none).
 *
 * Null where another event has that place: the caller rolls back, and decides again.
 */
export async function appendEvent(
  transaction: Statements,
  { event, afterVersion, origin }: { event: ControlEvent; afterVersion: number; origin: Origin },
): Promise<RecordedEvent | null> {
  const stream = streamOf(event);
  const streamVersion = afterVersion + 1;
  const rows = await transaction.query<{ readonly seq: string; readonly recorded_at: Date }>(APPEND, [
    stream,
    streamVersion,
    event.type,
    currentVersion(event.type),
    JSON.stringify(event.payload),
    origin.actor,
    origin.reason,
    origin.idempotencyKey,
  ]);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    seq: Number(row.seq),
    stream,
    streamVersion,
    event,
    actor: origin.actor,
    recordedAt: row.recorded_at,
  };
}

const APPEND = `
  insert into weir.events
    (stream, stream_version, type, schema_version, payload, actor, reason, idempotency_key)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (stream, stream_version) do nothing
  returning seq, recorded_at`;

async function loadState(
  database: Statements,
  condition: string,
  value: string | number,
): Promise<StreamState | null> {
  const rows = await database.query<EventRow & { readonly created_at: Date | null }>(
    `${SELECT_STATE} where ${condition}`,
    [value],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return { last: readable(row), createdAt: row.created_at ?? row.recorded_at };
}

/** Decodes an event that a decision hangs on. Throws a `DatabaseError` where it cannot be read. */
export function readable(row: EventRow): RecordedEvent {
  const recorded = decodeEvent(row);
  if (recorded.kind === 'ok') return recorded.value;
  throw new DatabaseError(
    'query',
    `event ${row.seq} of ${row.stream} cannot be read: it ${recorded.problem}`,
  );
}

const SELECT_LAST_EVENTS = `
  select ${EVENT_COLUMNS}
  from unnest($1::text[]) as wanted (stream)
  cross join lateral (
    select * from weir.events where events.stream = wanted.stream order by stream_version desc limit 1
  ) as events`;

const SELECT_STATE = `
  select ${EVENT_COLUMNS}, created.recorded_at as created_at
  from weir.events
  left join lateral (
    select first.recorded_at from weir.events as first
    where events.type in ('route.updated', 'route.deleted', 'port.updated', 'port.released')
      and first.stream = events.stream and first.stream_version < events.stream_version
      and first.type in ('route.created', 'port.allocated')
    order by first.stream_version desc limit 1
  ) as created on true`;
