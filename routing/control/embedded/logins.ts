import pg from 'pg';
import { migrate } from '../migrate.ts';
import type { Credentials } from './credentials.ts';

/** The embedded server's only database beside PostgreSQL's own. */
export const DATABASE_NAME = 'weir';
/** The login of commands and the projector, a member of `weir_control`. */
export const CONTROL_LOGIN = 'weir_control_login';
/** The login of edges, a member of `weir_edge`. */
export const EDGE_LOGIN = 'weir_edge_login';

/**
 * Makes the database, its schema, and the two logins that weir works with.
 *
 * `maintenanceUrl` and `adminUrl` are the superuser's, for the database `postgres` and for weir's own.
 */
export async function provision(
  maintenanceUrl: string,
  adminUrl: string,
  credentials: Credentials,
): Promise<void> {
  await withClient(maintenanceUrl, (client) => ensureDatabase(client, DATABASE_NAME));
  await migrate(adminUrl);
  await withClient(adminUrl, async (client) => {
    await ensureLogin(client, { login: CONTROL_LOGIN, group: 'weir_control', password: credentials.control });
    await ensureLogin(client, { login: EDGE_LOGIN, group: 'weir_edge', password: credentials.edge });
  });
}

async function ensureDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_catalog.pg_database where datname = $1', [name]);
  if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
}

interface Login {
  readonly login: string;
  readonly group: string;
  readonly password: string;
}

async function ensureLogin(client: pg.Client, { login, group, password }: Login): Promise<void> {
  const name = pg.escapeIdentifier(login);
  const { rowCount } = await client.query('select from pg_catalog.pg_roles where rolname = $1', [login]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${name} login password ${pg.escapeLiteral(password)}`);
  await client.query(`grant ${pg.escapeIdentifier(group)} to ${name}`);
}

async function withClient(url: string, use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {}); // the query that is under way rejects as well
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}
