import { parseDatabaseUrl } from '../../config/database-url.ts';
import { readTextFile } from '../../config/text-file.ts';
import type { Failure } from './failure.ts';
import { readRunningDatabase } from './running-database.ts';

/** What the command line says about the database. */
export interface DatabaseOptions {
  readonly databaseUrl?: string;
  readonly stateDir?: string;
}

/** As whom a command connects: `control` runs commands, `admin` may change the schema and its roles. */
type DatabaseRole = 'control' | 'admin';

export type DatabaseUrl =
  | { readonly kind: 'found'; readonly url: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

interface Search {
  readonly role: DatabaseRole;
  readonly options: DatabaseOptions;
  readonly env: NodeJS.ProcessEnv;
}

const DEFAULT_STATE_DIR = '.weir';

/**
 * Finds the database. What the command line says comes before what the environment says: `--database-url`,
 * `--state-dir`, `WEIR_DATABASE_URL` or the file that `WEIR_DATABASE_URL_FILE` names, `WEIR_STATE_DIR`, `.weir`.
 * A state directory stands for the embedded PostgreSQL that runs in it.
 */
export async function findDatabase({ role, options, env }: Search): Promise<DatabaseUrl> {
  if (options.databaseUrl !== undefined) return checked(options.databaseUrl, '--database-url');
  if (options.stateDir !== undefined) return fromStateDir(options.stateDir, role);

  // An empty variable is as good as none: that is what unset ones become in compose files.
  const url = env['WEIR_DATABASE_URL'] || undefined;
  const file = env['WEIR_DATABASE_URL_FILE'] || undefined;
  if (url !== undefined && file !== undefined) {
    return invalid('WEIR_DATABASE_URL_FILE', 'is set, and WEIR_DATABASE_URL too; set one of them');
  }
  if (url !== undefined) return checked(url, 'WEIR_DATABASE_URL');
  if (file !== undefined) return fromFile(file);
  return fromStateDir(env['WEIR_STATE_DIR'] || DEFAULT_STATE_DIR, role);
}

async function fromFile(path: string): Promise<DatabaseUrl> {
  const content = await readTextFile(path);
  if (content.kind === 'invalid')
    return invalid('WEIR_DATABASE_URL_FILE', `names ${path}, which ${content.problem}`);
  return checked(content.value.trimEnd(), 'WEIR_DATABASE_URL_FILE');
}

/** The URL may hold a password: no message repeats it. */
function checked(url: string, field: string): DatabaseUrl {
  const parsed = parseDatabaseUrl(url);
  return parsed.kind === 'ok' ? { kind: 'found', url: parsed.value } : invalid(field, parsed.problem);
}

async function fromStateDir(stateDir: string, role: DatabaseRole): Promise<DatabaseUrl> {
  const running = await readRunningDatabase(stateDir);
  switch (running.kind) {
    case 'running':
      return {
        kind: 'found',
        url: role === 'admin' ? running.database.adminUrl : running.database.controlUrl,
      };
    case 'none':
      return unavailable('no database was found', waysToName(stateDir));
    case 'ended':
      return unavailable(
        `the embedded PostgreSQL of ${stateDir} is not running (it was process ${running.pid})`,
        'Start it with "weir demo" or "weir up", or name another database with --database-url.',
      );
    case 'unusable':
      return unavailable(
        running.problem,
        'Start the edge of this state directory again: it writes the file anew.',
      );
    default:
      return running satisfies never;
  }
}

function waysToName(stateDir: string): string {
  return [
    'There are three ways to name one:',
    '  --database-url postgres://USER:PASSWORD@HOST:5432/DATABASE',
    '  WEIR_DATABASE_URL, or WEIR_DATABASE_URL_FILE with the name of a file that holds it',
    `  a running "weir demo" or "weir up" with an embedded one, by its state directory (--state-dir, WEIR_STATE_DIR; looked in ${stateDir})`,
  ].join('\n');
}

function invalid(field: string, problem: string): DatabaseUrl {
  const problems = [{ field, problem }];
  return {
    kind: 'failed',
    failure: { code: 'invalid', message: 'the database URL is not valid', problems },
  };
}

function unavailable(message: string, next: string): DatabaseUrl {
  return { kind: 'failed', failure: { code: 'database-unavailable', message, next } };
}
