import type { Statements } from '../database.ts';
import { PROJECTIONS, type Projection } from './difference.ts';

/** Who removed a row that no event speaks of. */
const ACTOR = 'weir projections rebuild';

/**
 * Makes the projections what the temporary tables say, in the rows of `pg_temp.differences` only, each as a revision of
 * its own: to an edge it is a change like any other. Answers with the new head.
 */
export async function repair(transaction: Statements): Promise<number> {
  for (const projection of PROJECTIONS) {
    const columns = await columnsOf(transaction, projection);
    await transaction.query(bury(projection, columns));
    await transaction.query(replace(projection, columns));
  }
  // No edge reads services, so nobody needs their tombstones; and one that stayed would keep the service from coming back.
  await transaction.query('delete from weir.services where is_deleted');
  const [head] = await transaction.query<{ readonly revision: string }>(ADVANCE);
  return Number(head?.revision);
}

async function columnsOf(transaction: Statements, projection: Projection): Promise<readonly string[]> {
  const rows = await transaction.query<{ readonly name: string }>(
    `select quote_ident(attname) as name from pg_catalog.pg_attribute
     where attrelid = 'weir.${projection}'::regclass and attnum > 0 and not attisdropped`,
  );
  return rows.map(({ name }) => name);
}

/** The tombstone is dated now, so that it is kept as long as any other. */
function bury(projection: Projection, columns: readonly string[]): string {
  const stamp = columns.includes('updated_at')
    ? `, actor = '${ACTOR}', updated_at = date_trunc('milliseconds', clock_timestamp())`
    : '';
  return `
    update weir.${projection} as live set is_deleted = true, revision = difference.revision ${stamp}
    from pg_temp.differences as difference
    where difference.projection = '${projection}' and difference.kind = 'unexplained' and difference.key = live.key`;
}

/** Unlike the projector's upserts it sets every column: any of them may be what is wrong. */
function replace(projection: Projection, columns: readonly string[]): string {
  const own = columns.filter((column) => column !== 'revision');
  return `
    insert into weir.${projection} (${own.join(', ')}, revision)
    select ${own.map((column) => `built.${column}`).join(', ')}, difference.revision
    from pg_temp.${projection} as built
    join pg_temp.differences as difference on difference.projection = '${projection}' and difference.key = built.key
    on conflict (key) do update set ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`;
}

const ADVANCE = `
  update weir.head set revision = (select max(revision) from pg_temp.differences)
  returning revision, pg_notify('weir_revision', revision::text)`;
