import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DataPlace } from './account.ts';
import type { Install } from './install.ts';

/** The superuser's name. */
export const ADMIN_ROLE = 'weir_admin';

const DRAFT_PREFIX = 'postgres.init-';

/** Where the data directory is to be, and who makes it. */
export interface ClusterOptions {
  readonly place: DataPlace;
  readonly install: Install;
  readonly adminPassword: string;
  /** Whether it has to survive a power failure. */
  readonly isDurable: boolean;
}

/**
 * Makes sure that there is a data directory that this PostgreSQL can serve.
 *
 * initdb works in a directory of its own that is then renamed, so what stopped in the middle is never taken for a
 * database. Throws where the directory is of another major version, or is not a database at all.
 */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  removeDrafts(options.place.parent);
  if (existsSync(options.place.dataDir)) {
    checkVersion(options.place.dataDir, options.install);
    return;
  }
  await initialise(options);
}

function removeDrafts(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (name.startsWith(DRAFT_PREFIX)) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function checkVersion(dataDir: string, install: Install): void {
  const versionFile = path.join(dataDir, 'PG_VERSION');
  if (!existsSync(versionFile)) {
    throw new Error(
      `${dataDir} is not a PostgreSQL data directory; move it away, or choose another state directory`,
    );
  }
  const found = readFileSync(versionFile, 'utf8').trim();
  const major = install.version.split('.')[0];
  if (found !== major) {
    throw new Error(
      `the database in ${dataDir} was made by PostgreSQL ${found}, this weir brings ${major}; ` +
        'dump it with the weir that made it and restore it, or choose another state directory',
    );
  }
}

async function initialise({ place, install, adminPassword, isDurable }: ClusterOptions): Promise<void> {
  const draft = path.join(place.parent, `${DRAFT_PREFIX}${randomBytes(6).toString('hex')}`);
  const passwordFile = path.join(draft, 'password');
  const draftData = path.join(draft, 'data');
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, adminPassword, { mode: 0o600 });
    if (place.account !== null) {
      chownSync(passwordFile, place.account.uid, place.account.gid);
      chownSync(draft, place.account.uid, place.account.gid);
    }
    const args = [
      `--pgdata=${draftData}`,
      `--username=${ADMIN_ROLE}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      ...(isDurable ? [] : ['--no-sync']),
    ];
    await promisify(execFile)(path.join(install.root, 'bin', 'initdb'), args, { ...place.account, cwd: '/' });
    renameSync(draftData, place.dataDir);
  } catch (cause) {
    throw new Error(`could not create a database in ${place.dataDir}: ${stderrOf(cause)}`, { cause });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function stderrOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== ''
    ? error.stderr.trim()
    : error.message;
}
