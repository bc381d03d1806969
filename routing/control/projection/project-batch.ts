import type { Database, Ending, Statements } from '../database.ts';
import { isDataError } from '../database-error.ts';
import { decodeEvent, type EventRow } from '../events/decode-event.ts';
import { EVENT_COLUMNS } from '../events/event-log.ts';
import { SCHEMA_VERSION_QUERY, schemaVersionProblem } from '../schema-version.ts';
import { foldEvents, type Revised } from './batch.ts';
import { PROJECTOR_LOCK } from './projector-lock.ts';
import { writeRows } from './write-rows.ts';

/** What one batch did. */
export interface Batch {
  /** Events taken off the outbox, those set aside included. */
  readonly taken: number;
  readonly failed: readonly FailedEvent[];
  /** The revision of each event that was projected, by its `seq`. */
  readonly revisions: ReadonlyMap<number, number>;
}

/** An event that stands in `weir.failed_events` from now on. */
interface FailedEvent {
  readonly seq: number;
  readonly error: string;
}

/**
 * Projects the first `limit` pending events in one transaction, under a lock that ends with it: projections, revisions,
 * the head and the outbox change together or not at all. Waits while another projector is at it.
 *
 * Events that cannot be projected are set aside. Rejects with a `DatabaseError`.
 */
export async function projectBatch(database: Database, limit: number): Promise<Batch> {
  try {
    return await database.transaction((transaction) => projectIn(transaction, limit), PROJECTOR_LOCK);
  } catch (error) {
    // Some event's row was refused. A batch that ends before it goes through, and a batch of one sets it aside.
    if (limit > 1 && isDataError(error)) return projectBatch(database, Math.ceil(limit / 2));
    throw error;
  }
}

interface PendingRow extends EventRow {
  readonly head: string;
  readonly version: number | null;
}

async function projectIn(transaction: Statements, limit: number): Promise<Ending<Batch>> {
  const pending = await transaction.query<PendingRow>(SELECT_PENDING, [limit]);
  const first = pending[0];
  if (first === undefined) return { end: 'rollback', value: { taken: 0, failed: [], revisions: new Map() } };
  // A projector that was left running over a migration must not write rows of another schema.
  const versionProblem = schemaVersionProblem(first.version);
  if (versionProblem !== null) throw versionProblem;

  const { revised, failed } = await writeRevised(transaction, limit, revise(pending, Number(first.head)));
  if (failed.length > 0) await setAside(transaction, failed);
  const revisions = new Map(revised.map(({ recorded, revision }) => [recorded.seq, revision]));
  if (revisions.size > 0) await advance(transaction, revisions);
  return { end: 'commit', value: { taken: pending.length, failed, revisions } };
}

// `lateral` and `offset 0`: one look-up for each pending event. Statistics of an outbox, which is empty or not from one
// moment to the next, are no ground for a planner to choose between that and a join that reads the whole log.
const SELECT_PENDING = `
  select ${EVENT_COLUMNS}, (select revision from weir.head) as head, (${SCHEMA_VERSION_QUERY}) as version
  from (select seq from weir.pending_events order by seq limit $1) as pending
  cross join lateral (select * from weir.events where events.seq = pending.seq offset 0) as events
  order by pending.seq`;

interface Revising {
  readonly revised: readonly Revised[];
  readonly failed: readonly FailedEvent[];
}

/** Gives every event that can be read the next revision. */
function revise(rows: readonly EventRow[], head: number): Revising {
  const revised: Revised[] = [];
  const failed: FailedEvent[] = [];
  for (const row of rows) {
    const recorded = decodeEvent(row);
    if (recorded.kind === 'ok')
      revised.push({ recorded: recorded.value, revision: head + revised.length + 1 });
    else failed.push({ seq: Number(row.seq), error: `the event ${recorded.problem}` });
  }
  return { revised, failed };
}

/** In a batch of one, the event whose row the database refuses is moved to the failed ones. */
export async function writeRevised(
  transaction: Statements,
  limit: number,
  { revised, failed }: Revising,
): Promise<Revising> {
  const rows = foldEvents(revised);
  const [only] = revised;
  if (limit > 1 || only === undefined) {
    await writeRows(transaction, rows);
    return { revised, failed };
  }
  await transaction.query('savepoint before_write');
  try {
    await writeRows(transaction, rows);
    return { revised, failed };
  } catch (error) {
    if (!isDataError(error)) throw error;
    await transaction.query('rollback to savepoint before_write');
    return { revised: [], failed: [...failed, { seq: only.recorded.seq, error: String(error) }] };
  }
}

/** Records which event became which revision, and says so: the notification goes out when the transaction commits. */
export async function advance(
  transaction: Statements,
  revisions: ReadonlyMap<number, number>,
): Promise<void> {
  await transaction.query(ADVANCE, [[...revisions.keys()], [...revisions.values()]]);
}

const ADVANCE = `
  with projected as (
    insert into weir.projected_events (seq, revision) select * from unnest($1::bigint[], $2::bigint[])
    returning revision
  ), taken as (
    delete from weir.pending_events where seq = any ($1::bigint[])
  )
  update weir.head set revision = (select max(revision) from projected)
  returning pg_notify('weir_revision', revision::text)`;

/** Takes events off the outbox that cannot be projected, and keeps why. */
export async function setAside(transaction: Statements, failed: readonly FailedEvent[]): Promise<void> {
  await transaction.query(SET_ASIDE, [failed.map(({ seq }) => seq), failed.map(({ error }) => error)]);
}

const SET_ASIDE = `
  with taken as (
    delete from weir.pending_events where seq = any ($1::bigint[])
  )
  insert into weir.failed_events (seq, error) select * from unnest($1::bigint[], $2::text[])`;
