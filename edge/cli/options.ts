import type { Command } from 'commander';
import type { DatabaseOptions } from './database-url.ts';
import { type EXIT_CODES, exitCodesHelp } from './exit-code.ts';

/** What every command takes that talks to the control plane. */
export interface ControlOptions extends DatabaseOptions {
  readonly json?: boolean;
}

/** What every command takes that changes something. */
export interface ChangeOptions extends ControlOptions {
  readonly actor: string;
  readonly reason?: string;
  readonly idempotencyKey?: string;
}

/** The four names of a service. */
export interface ServiceOptions {
  readonly org: string;
  readonly app: string;
  readonly env: string;
  readonly process: string;
}

/** Adds what says where the database is. */
export function withDatabaseOptions(command: Command): Command {
  return command
    .option(
      '--database-url <url>',
      'PostgreSQL to use; without it WEIR_DATABASE_URL or WEIR_DATABASE_URL_FILE',
    )
    .option(
      '--state-dir <dir>',
      'use the embedded PostgreSQL that runs in it (default: WEIR_STATE_DIR or .weir)',
    );
}

/** Adds what every command takes that talks to the control plane. */
export function withControlOptions(command: Command): Command {
  return withDatabaseOptions(command).option(
    '--json',
    'one JSON document on stdout, errors as JSON on stderr',
  );
}

/** Adds what every command takes that changes something. */
export function withChangeOptions(command: Command): Command {
  return withOriginOptions(
    withControlOptions(command).option(
      '--idempotency-key <key>',
      'repeat the command with the same key and it is carried out only once',
    ),
  );
}

/** Adds who asks, and why. */
export function withOriginOptions(command: Command): Command {
  return command
    .option('--actor <name>', 'who is recorded as having asked', process.env['USER'] || 'cli')
    .option('--reason <text>', 'why, for the record');
}

/** Adds the four names of a service, all of them required. */
export function withServiceOptions(command: Command): Command {
  return command
    .requiredOption('--org <org>', 'org (tenant) of the service')
    .requiredOption('--app <app>', 'app of the service')
    .requiredOption('--env <env>', 'environment of the app')
    .requiredOption('--process <type>', 'process type of the app');
}

/** Ends a command's help with examples and the exit codes that it can end with. */
export function withNotes(
  command: Command,
  notes: { readonly examples: readonly string[]; readonly exitCodes: readonly (keyof typeof EXIT_CODES)[] },
): Command {
  const examples = notes.examples.map((example) => `  $ ${example}`);
  return command.addHelpText(
    'after',
    ['', 'Examples:', ...examples, '', exitCodesHelp(notes.exitCodes)].join('\n'),
  );
}

/** The exit codes of a command that changes something. */
export const CHANGE_EXIT_CODES = [
  'ok',
  'failed',
  'usage',
  'conflict',
  'invalid',
  'database-unavailable',
  'not-allowed',
] as const;

/** The exit codes of a command that only asks. */
export const QUESTION_EXIT_CODES = ['ok', 'failed', 'usage', 'database-unavailable'] as const;
