import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { isProcessAlive, processCommand } from './process-identity.ts';

const POLL_MS = 25;

/** How a postmaster is asked to end, ever less politely. PostgreSQL documentation, "Shutting Down the Server". */
export const SHUTDOWN_STEPS = [
  { signal: 'SIGINT', waitMs: 10_000 }, // fast: roll back, checkpoint
  { signal: 'SIGQUIT', waitMs: 3_000 }, // immediate: its children go with it, recovery at the next start
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

/**
 * Ends the server that an earlier weir left behind on this data directory: it is still shutting down, or its watchdog
 * was killed with the weir. Only a process whose command line names this data directory is touched.
 *
 * The caller holds the lock of the state directory. Throws where the process does not end.
 */
export async function stopLeftover(dataDir: string, log: Log): Promise<void> {
  const pidFile = path.join(dataDir, 'postmaster.pid');
  const pid = readPid(pidFile);
  if (pid === null || !isProcessAlive(pid)) return;
  const command = processCommand(pid);
  if (command === null || !`${command} `.includes(` -D ${dataDir} `)) {
    // The id was given to somebody else. PostgreSQL would take that process for its own kind, and refuse to start.
    rmSync(pidFile, { force: true });
    return;
  }
  log.warn({ postgres_pid: pid, dataDir }, 'stopping the PostgreSQL that an earlier weir left behind');
  for (const { signal, waitMs } of SHUTDOWN_STEPS) {
    signalProcess(pid, signal);
    if (await isGoneWithin(pid, waitMs)) return;
  }
  throw new Error(`PostgreSQL (process ${pid}) on ${dataDir} does not end; end it by hand`);
}

/** The file's first line (PostgreSQL documentation, "postmaster.pid"). */
function readPid(pidFile: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  } catch {
    return null;
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in between.
  }
}

/** It is not our child, so there is nothing to await. */
async function isGoneWithin(pid: number, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (isProcessAlive(pid)) {
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
