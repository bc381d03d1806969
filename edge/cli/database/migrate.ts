import { Command } from 'commander';
import { databaseFailures } from '../control.ts';
import { findDatabase } from '../database-url.ts';
import { reportFailure } from '../failure.ts';
import { type ControlOptions, QUESTION_EXIT_CODES, withControlOptions, withNotes } from '../options.ts';
import { print, printJson } from '../output.ts';

/** `weir database migrate`. */
export function migrateCommand(): Command {
  const command = new Command('migrate')
    .summary('create or upgrade the schema')
    .description(
      'Create or upgrade the schema "weir" and the roles weir_control and weir_edge, in one transaction. Needs a login that may create schemas and roles.',
    );
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir database migrate --database-url postgres://postgres@db.internal/weir'],
    exitCodes: QUESTION_EXIT_CODES,
  });
  return command.action(migrateDatabase);
}

async function migrateDatabase(options: ControlOptions): Promise<void> {
  const isJson = options.json === true;
  const database = await findDatabase({ role: 'admin', options, env: process.env });
  if (database.kind === 'failed') {
    process.exitCode = reportFailure(database.failure, isJson);
    return;
  }

  const { migrate } = await import('../../../routing/control/migrate.ts');
  const result = await databaseFailures(
    async () => ({ kind: 'ok', applied: await migrate(database.url) }) as const,
  );
  if (result.kind === 'failed') {
    process.exitCode = reportFailure(result.failure, isJson);
    return;
  }

  const { applied } = result;
  if (isJson) printJson({ applied });
  else print(applied.length === 0 ? 'The schema is up to date.' : `Applied ${applied.join(', ')}.`);
}
