import type { Database, Ending, Statements } from '../database.ts';
import { checkSchemaVersion } from '../schema-version.ts';
import { type Difference, listDifferences, noteDifferences, PROJECTIONS } from './difference.ts';
import { foldLog, NOTHING_FOLDED } from './fold-log.ts';
import { PROJECTOR_LOCK } from './projector-lock.ts';
import { repair } from './repair.ts';

/** More differences than this are counted only. */
const MAX_LISTED = 1_000;

/** What a rebuild found, and did. */
export interface Rebuild {
  /** Events that the projections were built from. */
  readonly events: number;
  /** Events that cannot be projected; they stay set aside. */
  readonly setAside: number;
  /** Rows that are not what the log makes of them. */
  readonly differing: number;
  /** The first of them. */
  readonly differences: readonly Difference[];
  readonly isRepaired: boolean;
  /** The head, after the repair. */
  readonly revision: number;
}

/**
 * Builds the projections anew from the event log, beside those that are served, compares, and unless `isDryRun` repairs
 * the rows that differ; rows that do not are not touched. All in one transaction, which leaves nothing behind where it
 * fails:
 *
 *     fold the log into temporary tables → take the projector's lock → fold what came since → compare → repair
 *     └──────── projecting goes on ────────┘└────────────── projecting waits ───────────────────────────┘
 *
 * Edges read on all the time, and take a repair as ordinary changes. Rejects with a `DatabaseError`.
 */
export async function rebuildProjections(
  database: Database,
  options: { readonly isDryRun: boolean },
): Promise<Rebuild> {
  await checkSchemaVersion(database);
  return database.transaction((transaction) => rebuildIn(transaction, options.isDryRun));
}

async function rebuildIn(transaction: Statements, isDryRun: boolean): Promise<Ending<Rebuild>> {
  for (const projection of PROJECTIONS) {
    await transaction.query(
      `create temporary table ${projection} (like weir.${projection} including all) on commit drop`,
    );
  }
  const early = await foldLog(transaction, NOTHING_FOLDED);
  await transaction.query('select pg_advisory_xact_lock($1)', [PROJECTOR_LOCK]);
  const { events } = await foldLog(transaction, early);
  const differing = await noteDifferences(transaction);
  const found = {
    events,
    ...(await readState(transaction)),
    differing,
    differences: await listDifferences(transaction, MAX_LISTED),
  };
  if (isDryRun || differing === 0) return { end: 'rollback', value: { ...found, isRepaired: false } };
  return { end: 'commit', value: { ...found, isRepaired: true, revision: await repair(transaction) } };
}

async function readState(transaction: Statements): Promise<Pick<Rebuild, 'setAside' | 'revision'>> {
  const [state] = await transaction.query<{ readonly set_aside: number; readonly revision: string }>(
    'select revision, (select count(*)::integer from weir.failed_events) as set_aside from weir.head',
  );
  return { setAside: state?.set_aside ?? 0, revision: Number(state?.revision) };
}
