import type { Database } from '../database.ts';
import { checkSchemaVersion } from '../schema-version.ts';
import { PROJECTOR_LOCK } from './projector-lock.ts';

/** Of each table in one transaction, so that projecting never waits long. */
const PASS_ROWS = 5_000;

/** What a compaction did. */
export interface Compaction {
  /** Tombstones that are gone now. */
  readonly removed: number;
  /** An edge that knows less than this revision reads everything anew. */
  readonly compactedTo: number;
}

/**
 * Removes the tombstones that are older than `olderThanMs` and raises `weir.head.compacted_to` to the highest revision
 * that went, both in one transaction under the projector's lock, in as many passes as it takes.
 *
 * Rejects with a `DatabaseError`; the passes that were done stay done.
 */
export async function compactTombstones(database: Database, olderThanMs: number): Promise<Compaction> {
  await checkSchemaVersion(database);
  for (let removed = 0; ; ) {
    const pass = await compactOnce(database, olderThanMs);
    removed += pass.removed;
    if (pass.removed === 0) return { removed, compactedTo: pass.compactedTo };
  }
}

function compactOnce(database: Database, olderThanMs: number): Promise<Compaction> {
  return database.transaction(async (transaction) => {
    const [row] = await transaction.query<{ readonly removed: number; readonly compacted_to: string }>(
      COMPACT,
      [olderThanMs, PASS_ROWS],
    );
    return {
      end: 'commit',
      value: { removed: row?.removed ?? 0, compactedTo: Number(row?.compacted_to) },
    };
  }, PROJECTOR_LOCK);
}

const COMPACT = `
  with removed_routes as (${removeFrom('routes')}),
    removed_ports as (${removeFrom('ports')}),
    removed_endpoints as (${removeFrom('endpoints')}),
    removed as (
      select revision from removed_routes union all
      select revision from removed_ports union all
      select revision from removed_endpoints
    ),
    raised as (
      update weir.head set compacted_to = greatest(compacted_to, (select max(revision) from removed))
      where exists (select from removed)
      returning compacted_to
    )
  select (select count(*)::integer from removed) as removed,
    coalesce((select compacted_to from raised), (select compacted_to from weir.head)) as compacted_to`;

/** By the database's clock, which is the one that dated them. */
function removeFrom(projection: 'routes' | 'ports' | 'endpoints'): string {
  return `
    delete from weir.${projection} where key in (
      select key from weir.${projection}
      where is_deleted and updated_at <= statement_timestamp() - $1 * interval '1 millisecond'
      order by updated_at limit $2
    ) returning revision`;
}
