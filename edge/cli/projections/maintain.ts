import type { Database } from '../../../routing/control/database.ts';
import { databaseFailures } from '../control.ts';
import { findDatabase } from '../database-url.ts';
import { reportFailure } from '../failure.ts';
import type { ControlOptions } from '../options.ts';

/** One statement may go over all rows. It is also how long changes wait at most while projections are compared. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Works on the control plane's database and answers with what came of it, or null when a failure was reported. */
export async function maintain<Value extends object>(
  options: ControlOptions,
  work: (database: Database) => Promise<Value>,
): Promise<Value | null> {
  const isJson = options.json === true;
  const found = await findDatabase({ role: 'control', options, env: process.env });
  if (found.kind === 'failed') {
    process.exitCode = reportFailure(found.failure, isJson);
    return null;
  }
  const { openDatabase } = await import('../../../routing/control/database.ts');
  const database = openDatabase({
    url: found.url,
    name: 'weir projections',
    maxConnections: 1,
    queryTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  try {
    const result = await databaseFailures(async () => ({ kind: 'ok', value: await work(database) }) as const);
    if (result.kind === 'ok') return result.value;
    process.exitCode = reportFailure(result.failure, isJson);
    return null;
  } finally {
    await database.close();
  }
}
