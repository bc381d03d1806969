import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../log.ts';

/** The account that PostgreSQL runs as where weir is root, since it refuses to be root itself. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Where things go that the account cannot reach elsewhere. */
export const SYSTEM_DIR = '/var/lib/weir';

/** `nobody` on Linux: it has no files, and needs no entry in /etc/passwd. */
const NOBODY: Account = { uid: 65534, gid: 65534 };

/** Where the data is, and whose; `account` is null where PostgreSQL runs as weir does. */
export interface DataPlace {
  /** The parent of `dataDir`, which exists. */
  readonly parent: string;
  readonly dataDir: string;
  readonly account: Account | null;
}

/**
 * Chooses where the data lives: in the state directory, or below `/var/lib/weir` where weir is root and the account
 * could not reach it, for example below /root. Data that is there already stays where it is, and its owner's.
 *
 * Throws where there is data that cannot be used.
 */
export function placeData(stateDir: string, log: Log): DataPlace {
  const own = path.join(stateDir, 'postgres');
  if (process.getuid?.() !== 0) return placeUnprivileged(stateDir, own);

  const hash = createHash('sha256').update(stateDir).digest('hex').slice(0, 16);
  const parent = path.join(SYSTEM_DIR, hash);
  const system = path.join(parent, 'postgres');
  const isOwnUsed = existsSync(own);
  const account = isOwnUsed ? ownerOf(own) : NOBODY;
  if (!existsSync(system) && isReachable(stateDir, account))
    return { parent: stateDir, dataDir: own, account };
  if (isOwnUsed) {
    throw new Error(
      `the database in ${own} cannot be reached by its account (uid ${account.uid}); ` +
        'let others search the directories above it (chmod o+x), or choose another state directory',
    );
  }
  log.info(
    { stateDir, dataDir: system },
    'the database lives outside of the state directory, where its account can reach it',
  );
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  return { parent, dataDir: system, account: existsSync(system) ? ownerOf(system) : NOBODY };
}

function placeUnprivileged(stateDir: string, dataDir: string): DataPlace {
  if (existsSync(dataDir) && statSync(dataDir).uid !== process.getuid?.()) {
    throw new Error(
      `the database in ${dataDir} belongs to another user (uid ${statSync(dataDir).uid}); ` +
        'run weir as before, or choose another state directory',
    );
  }
  return { parent: stateDir, dataDir, account: null };
}

function ownerOf(dir: string): Account {
  const { uid, gid } = statSync(dir);
  return { uid, gid };
}

/** Whether the account may search every directory from the root down to `dir`. */
function isReachable(dir: string, account: Account): boolean {
  const { uid, gid, mode } = statSync(dir);
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  const parent = path.dirname(dir);
  return parent === dir || isReachable(parent, account);
}
