import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { processIdentity } from './process-identity.ts';

const LOCK_FILE = 'weir.lock';
const MAX_ATTEMPTS = 5;

/** The right to run a server on a state directory; whoever holds it gives it back. */
export interface StateLock {
  release(): void;
}

/**
 * Takes the state directory for this process, also from a process that died without giving it back.
 *
 * The lock is a file with the holder's identity, put in place by link(2), which is atomic and fails where one is there
 * already. Throws where a living process holds it.
 */
export function lockStateDir(stateDir: string): StateLock {
  const lockPath = path.join(stateDir, LOCK_FILE);
  const mine = `${processIdentity(process.pid)}\n`;
  const draft = `${lockPath}.${process.pid}`;
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (isLinked(draft, lockPath)) return { release: () => removeOwn(lockPath, mine) };
      const holder = readOrNull(lockPath);
      if (holder !== null) clearStale(lockPath, holder);
    }
  } finally {
    unlinkSync(draft);
  }
  throw new Error(`cannot lock ${lockPath}: several processes are after it; try again`);
}

/** Moves the lock of a dead holder out of the way; another process may do the same, and be quicker. */
function clearStale(lockPath: string, holder: string): void {
  const pid = Number.parseInt(holder, 10);
  const isHeld = Number.isInteger(pid) && pid > 0 && `${processIdentity(pid)}\n` === holder;
  if (isHeld) {
    throw new Error(
      `another weir (process ${pid}) uses the state directory ${path.dirname(lockPath)}; ` +
        'stop it, or choose another with --state-dir',
    );
  }
  const aside = `${lockPath}.stale.${process.pid}`;
  try {
    renameSync(lockPath, aside);
  } catch {
    return;
  }
  // Between the read and the rename a quicker process may have taken the lock: then it gets it back.
  if (readOrNull(aside) !== holder) isLinked(aside, lockPath);
  unlinkSync(aside);
}

function removeOwn(lockPath: string, mine: string): void {
  if (readOrNull(lockPath) === mine) unlinkSync(lockPath);
}

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
