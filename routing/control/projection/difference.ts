import type { Statements } from '../database.ts';

/** The tables that are derived from the log. */
export const PROJECTIONS = [
  'services',
  'routes',
  'ports',
  'endpoints',
  'port_pool',
  'domains',
  'addresses',
  'address_pool',
  'policies',
] as const;

export type Projection = (typeof PROJECTIONS)[number];

/** A row that is not what the log makes of it. */
export interface Difference {
  readonly projection: Projection;
  readonly key: string;
  /** The log has it and the projection has not; both have it otherwise; only the projection has it. */
  readonly kind: 'missing' | 'different' | 'unexplained';
  /** The columns that differ, where both have the row. */
  readonly columns: readonly string[];
}

/**
 * Compares the projections with the temporary tables of the same names, and notes in `pg_temp.differences` each row that
 * differs, with the revision after the head that it would be repaired as. Answers with how many differ.
 *
 * The revision is not compared, since a repair gives a new one. A tombstone that compaction has removed is not missed.
 */
export async function noteDifferences(transaction: Statements): Promise<number> {
  await transaction.query(CREATE);
  for (const projection of PROJECTIONS) await transaction.query(compare(projection));
  await transaction.query(NUMBER);
  const [counted] = await transaction.query<{ readonly count: number }>(
    'select count(*)::integer as count from pg_temp.differences',
  );
  return counted?.count ?? 0;
}

/** The first `limit` of what was noted. */
export function listDifferences(transaction: Statements, limit: number): Promise<readonly Difference[]> {
  return transaction.query<Difference>(
    'select projection, key, kind, columns from pg_temp.differences order by revision limit $1',
    [limit],
  );
}

const CREATE = `
  create temporary table differences (
    projection text, key text, kind text not null, columns text[] not null, revision bigint,
    primary key (projection, key)
  ) on commit drop`;

/** `to_jsonb` compares every column, also one that a later version of the schema brings. */
function compare(projection: Projection): string {
  return `
    insert into pg_temp.differences (projection, key, kind, columns)
    select '${projection}', key,
      case when live is null then 'missing' when built is null then 'unexplained' else 'different' end,
      case when live is null or built is null then '{}' else array(
        select name from jsonb_object_keys(live) as name where live -> name <> built -> name order by name) end
    from (select key, is_deleted, to_jsonb(entry) - 'revision' as live from weir.${projection} as entry) as old
    full join (select key, is_deleted, revision, to_jsonb(entry) - 'revision' as built
               from pg_temp.${projection} as entry) as new using (key)
    cross join weir.head
    where case
      when live is null then not (new.is_deleted and new.revision <= head.compacted_to)
      when built is null then not old.is_deleted
      else live <> built end`;
}

const NUMBER = `
  update pg_temp.differences as difference set revision = head.revision + numbered.number
  from weir.head, (
    select projection, key, row_number() over (order by projection, key) as number from pg_temp.differences
  ) as numbered
  where numbered.projection = difference.projection and numbered.key = difference.key`;
