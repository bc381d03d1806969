import { DatabaseError, toDatabaseError } from './database-error.ts';

/** The migrations that this program was written for: the number of the last file in `migrations/`. */
export const SCHEMA_VERSION = 6;

/** A connection of `pg`, or a `Database`. */
interface Queryable {
  query(text: string): Promise<readonly object[] | { readonly rows: readonly object[] }>;
}

/**
 * Makes sure that the database has the schema that this program reads and writes.
 *
 * Throws a `DatabaseError`: `no-schema` where it was never migrated, `schema-version` where it is older or newer than
 * this program, with the side to upgrade.
 */
export async function checkSchemaVersion(database: Queryable): Promise<void> {
  const version = await readSchemaVersion(database);
  const problem = schemaVersionProblem(version);
  if (problem !== null) throw problem;
}

/** The number of the last migration that ran; null where there is no schema. Throws a `DatabaseError`. */
export async function readSchemaVersion(database: Queryable): Promise<number | null> {
  try {
    const result = await database.query(SCHEMA_VERSION_QUERY);
    const [row] = 'rows' in result ? result.rows : result;
    return row !== undefined && 'version' in row && typeof row.version === 'number' ? row.version : null;
  } catch (error) {
    const known = toDatabaseError(error);
    if (known.code === 'no-schema') return null;
    throw known;
  }
}

/** Answers with the version as one integer column `version`; fails with `undefined_table` where there is no schema. */
export const SCHEMA_VERSION_QUERY = `
  select max(substring(name from '^[0-9]+')::integer) as version from weir.migrations`;

/** What is wrong with a database whose schema has this version, or null. */
export function schemaVersionProblem(version: number | null): DatabaseError | null {
  if (version === SCHEMA_VERSION) return null;
  if (version === null) {
    return new DatabaseError('no-schema', 'the database has no weir schema; run `weir database migrate`');
  }
  const versions = `the database has schema version ${version}, this weir needs ${SCHEMA_VERSION}`;
  return version < SCHEMA_VERSION
    ? new DatabaseError('schema-version', `${versions}; run \`weir database migrate\` with this weir`)
    : new DatabaseError('schema-version', `${versions}; upgrade this weir`);
}
