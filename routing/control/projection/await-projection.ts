import type { Database } from '../database.ts';
import { DatabaseError } from '../database-error.ts';
import { projectPending } from '../projector.ts';

/**
 * Waits until an event that has been recorded is projected, and projects what is pending itself where nobody else does.
 * Answers with the event's revision.
 *
 * Rejects with a `DatabaseError`: `projection-delayed` where it takes longer than `timeoutMs`, `projection-failed`
 * where the event was set aside. The event stays recorded either way.
 */
export async function awaitProjection(database: Database, seq: number, timeoutMs: number): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  do {
    const revision = await findRevision(database, seq);
    if (revision !== null) return revision;
    const own = await project(database, seq);
    if (own !== null) return own;
  } while (performance.now() < deadline);
  throw delayed();
}

async function findRevision(database: Database, seq: number): Promise<number | null> {
  const [found] = await database.query<{ readonly revision: string | null; readonly error: string | null }>(
    FIND_REVISION,
    [seq],
  );
  if (found?.error != null) {
    throw new DatabaseError(
      'projection-failed',
      `it is recorded as event ${seq}, and could not be projected: ${found.error}; see \`weir events failed\``,
    );
  }
  return found?.revision == null ? null : Number(found.revision);
}

/** An event that was given up for a later one of its stream (`retryFailed`) is in no table: that one's revision shows it. */
const FIND_REVISION = `
  select error, case
    when own.revision is not null or failed.seq is not null or pending.seq is not null then own.revision
    else (
      select min(later.revision)
      from weir.events as event
      join weir.events as successor
        on successor.stream = event.stream and successor.stream_version > event.stream_version
      join weir.projected_events as later on later.seq = successor.seq
      where event.seq = $1
    ) end as revision
  from (select $1::bigint as seq) as wanted
  left join weir.projected_events as own using (seq)
  left join weir.failed_events as failed using (seq)
  left join weir.pending_events as pending using (seq)`;

/** A projector that is held up makes this one's wait for the lock run out. */
async function project(database: Database, seq: number): Promise<number | null> {
  try {
    return (await projectPending(database)).revisions.get(seq) ?? null;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === 'unavailable') throw delayed(error);
    throw error;
  }
}

function delayed(cause?: Error): DatabaseError {
  return new DatabaseError(
    'projection-delayed',
    'it is recorded, but not visible to the edges yet: the projector is held up; nothing needs to be repeated',
    { cause },
  );
}
