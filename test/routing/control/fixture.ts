import type { ExecutionContext } from 'ava';
import pg from 'pg';
import type { CommandResult, Control } from '../../../routing/control/control.ts';
import { type Database, openDatabase } from '../../../routing/control/database.ts';
import { type ControlOptions, openControl } from '../../../routing/control/open-control.ts';
import { query, type TestDatabase, type TestPostgres } from '../../support/postgres.ts';

export const SHOP = { org: 'acme', app: 'shop', env: 'production', process: 'web' } as const;
export const META = { actor: 'ada' } as const;

/** A database of the test's own, and the control plane on it. */
export async function startControl(
  t: ExecutionContext,
  postgres: TestPostgres,
  options: Omit<ControlOptions, 'url'> = {},
): Promise<{ readonly control: Control; readonly database: TestDatabase }> {
  const database = await postgres.createDatabase();
  return { control: await connect(t, database, options), database };
}

export async function connect(
  t: ExecutionContext,
  database: TestDatabase,
  options: Omit<ControlOptions, 'url'> = {},
): Promise<Control> {
  const control = await openControl({ url: database.controlUrl, ...options });
  t.teardown(() => control.close());
  return control;
}

/** A pool as the control role. */
export function pool(t: ExecutionContext, { controlUrl }: TestDatabase, queryTimeoutMs?: number): Database {
  const database = openDatabase({ url: controlUrl, name: 'test', queryTimeoutMs });
  t.teardown(() => database.close());
  return database;
}

/** The value of a command that has to have worked. */
export function expectOk<Value>(result: CommandResult<Value>): Value {
  if (result.kind !== 'ok') throw new Error(`expected ok, got ${JSON.stringify(result)}`);
  return result.value;
}

/** Records a route as the control role: the name, its stream version and the event's type. */
export const APPEND = `
  insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
  values ('route/tls/' || $1, $2, $3, 1, jsonb_build_object(
    'listener', 'tls', 'pattern', $1::text, 'service', 'acme/shop/production/web',
    'backendPort', 8443, 'proxyProtocol', 'none', 'redirectToHttps', false), 'ada')
  returning seq`;

/** Dedicates addresses to an org, whatever the quota is. */
export async function dedicate(control: Control, org: string, addresses: readonly string[]): Promise<void> {
  expectOk(await control.definePolicy({ org, addressQuota: 'none' }, META));
  expectOk(await control.defineAddressPool({ ranges: addresses }, META));
  for (const address of addresses) expectOk(await control.allocateAddress({ org, address }, META));
}

/** A connection of its own. */
export async function client(t: ExecutionContext, url: string): Promise<pg.Client> {
  const connection = new pg.Client({ connectionString: url });
  connection.on('error', () => {});
  await connection.connect();
  t.teardown(() => connection.end().catch(() => {}));
  return connection;
}

/** Answers with the event's `seq`. */
export async function append(database: TestDatabase, name: string, version = 1, type = 'route.created') {
  const [row] = await query<{ seq: string }>(database.controlUrl, APPEND, [name, version, type]);
  return Number(row?.seq);
}

/** What edges see: revision, key, and whether it is there. */
export async function changes(database: TestDatabase) {
  const rows = await query<{ revision: string; key: string; is_there: boolean }>(
    database.edgeUrl,
    'select revision, key, body is not null as is_there from weir.changes order by revision',
  );
  return rows.map(({ revision, key, is_there }) => [Number(revision), key, is_there]);
}
