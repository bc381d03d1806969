import { notFound } from '../commands/decision.ts';
import type { CommandResult } from '../control.ts';
import type { Database, Ending, Statements } from '../database.ts';
import { decodeEvent, type EventRow } from '../events/decode-event.ts';
import { EVENT_COLUMNS } from '../events/event-log.ts';
import { checkSchemaVersion } from '../schema-version.ts';
import type { RetriedEventView } from '../views.ts';
import { advance, setAside, writeRevised } from './project-batch.ts';
import { PROJECTOR_LOCK } from './projector-lock.ts';

/** How many of all are retried in one transaction: commands wait for the lock meanwhile. */
const PAGE_EVENTS = 200;

/**
 * Projects events that were set aside, under the projector's lock: those with these numbers in one transaction, or `all`
 * in pages. What fails again stays aside with its new reason. A crash leaves a page as it was: no event is lost.
 *
 * An event that has a projected successor in its stream is given up: the successor carries the whole state, and to
 * project the older one after it would undo it.
 */
export async function retryFailed(
  database: Database,
  wanted: readonly (string | number)[] | 'all',
): Promise<Retried> {
  if (wanted === 'all') return retryAll(database);
  const seqs = [...new Set(wanted.map(parseSeq))];
  const known = seqs.filter((seq) => seq !== null);
  if (known.length < seqs.length) {
    return { kind: 'invalid', problems: [{ field: 'seq', problem: 'must be the number of an event' }] };
  }
  return database.transaction(async (transaction): Promise<Ending<Retried>> => {
    const rows = await transaction.query<FailedRow>(
      `${SELECT_FAILED} where failed.seq = any ($1) order by failed.seq`,
      [known],
    );
    const missing = known.find((seq) => !rows.some((row) => Number(row.seq) === seq));
    if (missing !== undefined) {
      return { end: 'rollback', value: notFound(`event ${missing} is not set aside; nothing was retried`) };
    }
    return {
      end: 'commit',
      value: { kind: 'ok', value: await retryRows(transaction, rows), isReplay: false },
    };
  }, PROJECTOR_LOCK);
}

type Retried = CommandResult<readonly RetriedEventView[]>;

async function retryAll(database: Database): Promise<Retried> {
  const retried: RetriedEventView[] = [];
  for (;;) {
    const page = await database.transaction(async (transaction) => {
      const rows = await transaction.query<FailedRow>(
        `${SELECT_FAILED} where failed.seq > $1 order by failed.seq limit $2`,
        [retried.at(-1)?.seq ?? 0, PAGE_EVENTS],
      );
      return { end: 'commit', value: await retryRows(transaction, rows) };
    }, PROJECTOR_LOCK);
    retried.push(...page);
    if (page.length < PAGE_EVENTS) return { kind: 'ok', value: retried, isReplay: false };
  }
}

function parseSeq(input: string | number): number | null {
  const seq = /^\d{1,16}$/.test(String(input)) ? Number(input) : 0;
  return seq > 0 && Number.isSafeInteger(seq) ? seq : null;
}

/** In the order of their numbers, which is that of each stream. */
async function retryRows(
  transaction: Statements,
  rows: readonly FailedRow[],
): Promise<readonly RetriedEventView[]> {
  // A control plane that was left open over a migration must not write rows of another schema.
  await checkSchemaVersion(transaction);
  const retried: RetriedEventView[] = [];
  for (const row of rows) retried.push(await retry(transaction, row));
  return retried;
}

interface FailedRow extends EventRow {
  /** The last projected event after it in its stream. */
  readonly superseded_by: string | null;
}

const SELECT_FAILED = `
  select ${EVENT_COLUMNS}, (
    select later.seq from weir.events as later join weir.projected_events as projected on projected.seq = later.seq
    where later.stream = events.stream and later.stream_version > events.stream_version
    order by later.stream_version desc limit 1
  ) as superseded_by
  from weir.failed_events as failed join weir.events as events on events.seq = failed.seq`;

async function retry(transaction: Statements, row: FailedRow): Promise<RetriedEventView> {
  const seq = Number(row.seq);
  const identity = { seq, stream: row.stream };
  await transaction.query('delete from weir.failed_events where seq = $1', [seq]);
  if (row.superseded_by !== null) {
    return { ...identity, outcome: 'superseded', supersededBy: Number(row.superseded_by) };
  }
  const recorded = decodeEvent(row);
  if (recorded.kind === 'invalid') {
    return failAgain(transaction, identity, `the event ${recorded.problem}`);
  }
  const revision = await nextRevision(transaction);
  const written = await writeRevised(transaction, 1, {
    revised: [{ recorded: recorded.value, revision }],
    failed: [],
  });
  const [refused] = written.failed;
  if (refused !== undefined) return failAgain(transaction, identity, refused.error);
  await advance(transaction, new Map([[seq, revision]]));
  return { ...identity, outcome: 'projected', revision };
}

async function nextRevision(transaction: Statements): Promise<number> {
  const [next] = await transaction.query<{ readonly revision: string }>(
    'select revision + 1 as revision from weir.head',
  );
  if (next === undefined) throw new Error('weir.head has no row');
  return Number(next.revision);
}

async function failAgain(
  transaction: Statements,
  identity: { readonly seq: number; readonly stream: string },
  error: string,
): Promise<RetriedEventView> {
  await setAside(transaction, [{ seq: identity.seq, error }]);
  return { ...identity, outcome: 'failed', error };
}
