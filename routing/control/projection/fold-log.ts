import type { Statements } from '../database.ts';
import { DatabaseError } from '../database-error.ts';
import { decodeEvent, type EventRow } from '../events/decode-event.ts';
import { EVENT_COLUMNS } from '../events/event-log.ts';
import { foldEvents, type Revised } from './batch.ts';
import { writeRows } from './write-rows.ts';

/** How much of the log is in memory at once. */
const PAGE_EVENTS = 1_000;

/** How far a fold has come. */
export interface Folded {
  readonly events: number;
  /** Every event that was projected as this revision or an earlier one is in. */
  readonly revision: number;
}

/** Before the first event. */
export const NOTHING_FOLDED: Folded = { events: 0, revision: 0 };

/**
 * Folds what was projected after `done`, in the order of the revisions, into the temporary tables, until nothing is left.
 *
 * Throws a `DatabaseError` where an event that was projected once cannot be read: leaving it out would take away what it
 * made.
 */
export async function foldLog(transaction: Statements, done: Folded): Promise<Folded> {
  let { events, revision } = done;
  for (;;) {
    const page = await transaction.query<ProjectedRow>(SELECT_PROJECTED, [revision, PAGE_EVENTS]);
    await writeRows(transaction, foldEvents(page.map(revisedOf)), 'pg_temp');
    events += page.length;
    revision = Number(page.at(-1)?.revision ?? revision);
    if (page.length < PAGE_EVENTS) return { events, revision };
  }
}

interface ProjectedRow extends EventRow {
  readonly revision: string;
}

// A page by its index and one look-up for each event, whatever statistics say: any other join reads the log for each page.
const SELECT_PROJECTED = `
  select ${EVENT_COLUMNS}, projected.revision
  from (
    select seq, revision from weir.projected_events where revision > $1 order by revision limit $2
  ) as projected
  cross join lateral (select * from weir.events where events.seq = projected.seq offset 0) as events
  order by projected.revision`;

function revisedOf(row: ProjectedRow): Revised {
  const recorded = decodeEvent(row);
  if (recorded.kind === 'ok') return { revision: Number(row.revision), recorded: recorded.value };
  throw new DatabaseError(
    'query',
    `event ${row.seq} was projected and cannot be read now: it ${recorded.problem}; nothing was changed, use the weir that recorded it`,
  );
}
