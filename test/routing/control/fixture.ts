import type { ExecutionContext } from 'ava';
import type { CommandResult, Control } from '../../../routing/control/control.ts';
import { type Database, openDatabase } from '../../../routing/control/database.ts';
import { type ControlOptions, openControl } from '../../../routing/control/open-control.ts';
import type { TestDatabase, TestPostgres } from '../../support/postgres.ts';

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
