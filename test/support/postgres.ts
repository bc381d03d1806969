import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../routing/control/embedded-postgres.ts';
import type { Log } from '../../routing/control/log.ts';

/** Nobody reads it. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };

/** A throw-away server, and the databases on it. */
export interface TestPostgres {
  readonly server: EmbeddedPostgres;
  /** A migrated database of its own. Roles and logins are the server's. */
  createDatabase(): Promise<TestDatabase>;
  stop(): Promise<void>;
}

/** Where to reach one database, by role. */
export interface TestDatabase {
  readonly controlUrl: string;
  readonly edgeUrl: string;
  readonly adminUrl: string;
}

/** Only what is needed to end with the test, or (in `test.before`) with the file: pass `test.after.always` then. */
type TearDown = Pick<ExecutionContext, 'teardown'> | { readonly after: (stop: () => Promise<void>) => void };

/**
 * Starts a real PostgreSQL in a temporary directory, without fsync, and ends it with the test:
 * `startTestPostgres(t)`, or for a whole file
 *
 *     const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });
 */
export async function startTestPostgres(t: TearDown): Promise<TestPostgres> {
  const stateDir = makeStateDir();
  const server = await startEmbeddedPostgres({ stateDir, log: silentLog, isDurable: false });
  const postgres = testPostgres(server);
  const end = async () => {
    await postgres.stop();
    rmSync(stateDir, { recursive: true, force: true });
  };
  if ('teardown' in t) t.teardown(end);
  else t.after(end);
  return postgres;
}

/** A temporary directory that PostgreSQL's account can reach too. */
export function makeStateDir(): string {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'weir-postgres-'));
  chmodSync(stateDir, 0o755);
  return stateDir;
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

function testPostgres(server: EmbeddedPostgres): TestPostgres {
  let made = 0;
  return {
    server,
    async createDatabase() {
      made += 1;
      const name = `test_${made}`;
      // The server's own database was migrated and is not used: a copy is quicker than a migration.
      await query(withDatabase(server.adminUrl, 'postgres'), `create database ${name} template weir`);
      await query(withDatabase(server.adminUrl, name), GRANT, [DOMAINS]);
      await query(withDatabase(server.adminUrl, name), 'delete from weir.pending_events');
      await query(
        withDatabase(server.adminUrl, name),
        'insert into weir.projected_events select seq, seq from weir.events',
      );
      return {
        controlUrl: withDatabase(server.controlUrl, name),
        edgeUrl: withDatabase(server.edgeUrl, name),
        adminUrl: withDatabase(server.adminUrl, name),
      };
    },
    stop: () => server.stop(),
  };
}

/** The domains that the org acme holds from the beginning. */
const DOMAINS = ['example.com', 'test', 'example', '*'];

/** Before the first event, whose number is 1: nothing projects these, and a test's own events have the numbers from 1. */
const GRANT = `
  insert into weir.events (seq, stream, stream_version, type, schema_version, payload, actor) overriding system value
  select -at, 'domain/' || domain || '/acme', 1, 'domain.granted', 1, jsonb_build_object(
    'domain', domain, 'org', 'acme', 'token', '', 'proof', 'trusted', 'isPlatform', false), 'test'
  from unnest($1::text[]) with ordinality as wanted (domain, at)`;

function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
