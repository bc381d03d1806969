import path from 'node:path';
import type pg from 'pg';
import { toDatabaseError } from './database-error.ts';
import { PasswordClient } from './password-client.ts';
import { checkSchemaVersion, readSchemaVersion, SCHEMA_VERSION } from './schema-version.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Brings the database to this program's schema and answers with the names of the migrations that it took, none where it
 * was there already. All of them run in one transaction; a second run at the same time waits for the first.
 *
 * `adminUrl` is a login that may create schemas and roles. Throws a `DatabaseError`, also where the database is ahead.
 */
export async function migrate(adminUrl: string): Promise<readonly string[]> {
  const client = new PasswordClient({
    connectionString: adminUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'weir migrate',
  });
  client.on('error', () => {}); // the query that is under way rejects as well
  try {
    await client.connect();
    const version = await readSchemaVersion(client);
    if (version !== null && version >= SCHEMA_VERSION) {
      await checkSchemaVersion(client);
      return [];
    }
    return await runMigrations(client);
  } catch (error) {
    throw toDatabaseError(error, adminUrl);
  } finally {
    await client.end().catch(() => {});
  }
}

async function runMigrations(client: pg.Client): Promise<readonly string[]> {
  // Loaded on demand: the runner brings a module loader of its own, which an edge at rest need not hold in memory.
  const { runner } = await import('node-pg-migrate');
  const done = await runner({
    dbClient: client,
    dir: path.join(import.meta.dirname, 'migrations'),
    direction: 'up',
    migrationsSchema: 'weir',
    createMigrationsSchema: true,
    migrationsTable: 'migrations',
    singleTransaction: true,
    advisoryLockMode: 'wait',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  return done.map((migration) => migration.name);
}

/** What goes wrong is thrown as well. */
function silent(): void {}
