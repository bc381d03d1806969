import type { ClientBase } from 'pg';
import { DatabaseError } from '../control/database-error.ts';
import { parseRevision, type Revision } from '../model/revision.ts';

/** How far the projections are, at the moment of a read. */
export interface Head {
  /** Which line of revisions it is: those of another database mean nothing here. */
  readonly history: string;
  readonly revision: Revision;
  /** Deletions up to here are forgotten: whoever knows less cannot catch up by deltas. */
  readonly compactedTo: Revision;
}

/** Some rows in the order of their revisions. */
export interface Page {
  /** As they came; `decodeChange` says what they are. */
  readonly rows: readonly unknown[];
  /** Every row up to here is in this page or an earlier one; null where no row is left. */
  readonly readTo: Revision | null;
}

/**
 * Reads at most about `limit` rows after `since`, and the head, in one statement and so at one moment: a compaction
 * between two reads would hide deletions.
 */
export async function readPage(
  database: ClientBase,
  since: Revision,
  limit: number,
): Promise<Page & { readonly head: Head }> {
  const { rows } = await database.query<HeadRow & ChangeRow>(PAGE, [since, limit]);
  const first = rows[0];
  if (first === undefined)
    throw new DatabaseError('no-schema', 'weir.head is empty; migrate the database again');
  // The head comes even where no change does, beside an empty one.
  const changes = first.revision === null ? [] : rows;
  return { head: headOf(first), ...pageOf(changes, limit) };
}

/**
 * Reads all rows that are not gone, as they are at one moment, page by page; returns the head of that moment.
 *
 * Holds a transaction open while it is iterated. The caller ends the connection if it does not iterate to the end.
 */
export async function* readEverything(
  database: ClientBase,
  limit: number,
): AsyncGenerator<Page, Head, undefined> {
  await database.query('begin isolation level repeatable read, read only');
  const { rows } = await database.query<HeadRow>(HEAD);
  const first = rows[0];
  if (first === undefined)
    throw new DatabaseError('no-schema', 'weir.head is empty; migrate the database again');
  let since: Revision | null = revisionOf('0');
  while (since !== null) {
    const result: { readonly rows: readonly ChangeRow[] } = await database.query<ChangeRow>(EXISTING, [
      since,
      limit,
    ]);
    const page = pageOf(result.rows, limit);
    yield page;
    since = page.readTo;
  }
  await database.query('commit');
  return headOf(first);
}

const HEAD = 'select history, revision as head_revision, compacted_to from weir.head';

// `with ties`, so that rows that share a revision are never parted by the end of a page.
const PAGE = `
  select head.history, head.revision as head_revision, head.compacted_to, page.*
  from weir.head as head
  left join lateral (
    select revision, kind, key, body from weir.changes
    where revision > $1 order by revision fetch first $2 rows with ties
  ) as page on true
  order by page.revision`;

const EXISTING = `
  select revision, kind, key, body from weir.changes
  where revision > $1 and body is not null order by revision fetch first $2 rows with ties`;

interface HeadRow {
  readonly history: string;
  readonly head_revision: string;
  readonly compacted_to: string;
}

interface ChangeRow {
  readonly revision: string | null;
  readonly kind: unknown;
  readonly key: unknown;
  readonly body: unknown;
}

function headOf(row: HeadRow): Head {
  return {
    history: row.history,
    revision: revisionOf(row.head_revision),
    compactedTo: revisionOf(row.compacted_to),
  };
}

function pageOf(rows: readonly ChangeRow[], limit: number): Page {
  const last = rows.at(-1);
  return { rows, readTo: last === undefined || rows.length < limit ? null : revisionOf(last.revision) };
}

function revisionOf(text: unknown): Revision {
  const revision = parseRevision(text);
  if (revision.kind === 'ok') return revision.value;
  throw new DatabaseError(
    'query',
    `the database gave ${JSON.stringify(text)} as a revision, which ${revision.problem}`,
  );
}
