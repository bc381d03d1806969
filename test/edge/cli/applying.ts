import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type Run, weir } from '../../support/command-line.ts';
import { query, type TestDatabase, type TestPostgres } from '../../support/postgres.ts';

/** A directory and a database of the test's own, and `weir` in the one and on the other. */
export interface Workplace {
  readonly directory: string;
  readonly database: TestDatabase;
  readonly run: (...args: readonly string[]) => Promise<Run>;
  /** The same with this on standard input. */
  readonly runWith: (stdin: string, ...args: readonly string[]) => Promise<Run>;
  /** Writes a file below the directory. */
  readonly file: (name: string, text: string) => void;
  /** How many events were recorded since the database was made. */
  readonly countEvents: () => Promise<number>;
}

export async function openWorkplace(t: ExecutionContext, postgres: TestPostgres): Promise<Workplace> {
  return workplaceOn(t, await postgres.createDatabase());
}

export function workplaceOn(t: ExecutionContext, database: TestDatabase): Workplace {
  const directory = mkdtempSync(join(tmpdir(), 'weir-apply-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const runWith = (stdin: string, ...args: readonly string[]) =>
    weir(args, { env: { WEIR_DATABASE_URL: database.controlUrl }, cwd: directory, stdin });
  return {
    directory,
    database,
    run: (...args) => runWith('', ...args),
    runWith,
    file: (name, text) => {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    },
    countEvents: async () => {
      const [row] = await query<{ count: number }>(
        database.adminUrl,
        'select count(*)::integer as count from weir.events where seq > 0',
      );
      return row?.count ?? Number.NaN;
    },
  };
}

/** A document of weir's own, with its spec as YAML on one line. */
export function document(kind: string, spec: string): string {
  return `apiVersion: weir/v1\nkind: ${kind}\nspec: ${spec}\n`;
}

/** Documents as one file. */
export function documents(...all: readonly string[]): string {
  return all.join('---\n');
}

/** A route of the org that the apply is for. */
export function route(hostname: string, backendPort = 8443, more = ''): string {
  return document(
    'Route',
    `{ hostname: '${hostname}', service: { app: shop, env: production, process: web }, backendPort: ${backendPort}${more} }`,
  );
}
