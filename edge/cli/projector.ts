import { Command, Option } from 'commander';
import { databaseFailures } from './control.ts';
import { type DatabaseOptions, findDatabase } from './database-url.ts';
import { type Failure, reportFailure } from './failure.ts';
import { withDatabaseOptions, withNotes } from './options.ts';

interface Options extends DatabaseOptions {
  readonly logLevel: string;
}

const LOG_LEVEL = new Option('--log-level <level>', 'least severe lines that are written')
  .choices(['debug', 'info', 'warn', 'error'])
  .default('info');

/** `weir projector`. */
export function projectorCommand(): Command {
  const command = new Command('projector')
    .description(
      'Project recorded events into what edges read, until it is told to stop. "weir up" with an embedded PostgreSQL and "weir demo" have one of their own. Of several at once one works and the others stand by.',
    )
    .addOption(LOG_LEVEL);
  withDatabaseOptions(command);
  withNotes(command, {
    examples: ['weir projector --database-url postgres://weir_control_login:PASSWORD@db.internal/weir'],
    exitCodes: ['ok', 'failed', 'usage', 'invalid', 'database-unavailable'],
  });
  return command.action(project);
}

async function project(options: Options): Promise<void> {
  const database = await findDatabase({ role: 'control', options, env: process.env });
  if (database.kind === 'failed') return fail(database.failure);
  const failure = await whyItNeverWorks(database.url);
  if (failure !== null) return fail(failure);

  const { createLog } = await import('../observe/log.ts');
  const { runProjector } = await import('../../routing/control/projector.ts');
  const log = await createLog({ level: options.logLevel, format: 'auto' }, { component: 'projector' });
  const signal = untilTold();
  log.info({}, 'the projector is up');
  await runProjector({ url: database.url, log, signal });
  log.info({}, 'the projector has stopped');
}

/** A database that is away comes back; wrong credentials and a missing schema do not mend themselves. */
async function whyItNeverWorks(url: string): Promise<Failure | null> {
  const { openDatabase } = await import('../../routing/control/database.ts');
  const { checkSchemaVersion } = await import('../../routing/control/schema-version.ts');
  const database = openDatabase({ url, name: 'weir projector (check)', maxConnections: 1 });
  try {
    const checked = await databaseFailures(async () => {
      await checkSchemaVersion(database);
      return null;
    });
    return checked === null || checked.failure.reason === 'unavailable' ? null : checked.failure;
  } finally {
    await database.close();
  }
}

/** Aborted by the first SIGINT or SIGTERM; a second one ends the process as usual. */
function untilTold(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  return stop.signal;
}

function fail(failure: Failure): void {
  process.exitCode = reportFailure(failure, false);
}
