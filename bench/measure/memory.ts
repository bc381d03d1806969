import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 250;
const SETTLED_POLLS = 4;
const SETTLED_CHANGE = 0.002;

/**
 * The processes' proportional set size in bytes once it stands still: no poll of the last second differs by more than
 * 0.2 %, or `deadlineMs` has passed. Garbage collectors give memory back late and in steps.
 *
 * That is their private pages, and each one's share of the pages that several map; from `/proc/PID/smaps_rollup`, which
 * needs the same user or root. Throws when a process is gone.
 */
export async function settledBytes(pids: readonly number[], deadlineMs: number): Promise<number> {
  const deadline = performance.now() + deadlineMs;
  let reference = proportionalBytes(pids);
  let calmPolls = 0;
  while (calmPolls < SETTLED_POLLS && performance.now() < deadline) {
    await delay(POLL_MS);
    const bytes = proportionalBytes(pids);
    if (Math.abs(bytes - reference) <= reference * SETTLED_CHANGE) {
      calmPolls += 1;
    } else {
      reference = bytes;
      calmPolls = 0;
    }
  }
  return proportionalBytes(pids);
}

function proportionalBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + processBytes(pid), 0);
}

function processBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/smaps_rollup has no Pss line`);
  return Number(kibibytes) * 1024;
}
