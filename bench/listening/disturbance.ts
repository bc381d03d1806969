import { setTimeout as delay } from 'node:timers/promises';
import type { SharingEdge } from './edge.ts';
import { LEAVE_SIGNAL } from './sharing.ts';
import { type Survey, survey } from './survey.ts';

/** What happens to one worker while connections come. */
export type Disturbance =
  /** It is told to leave: drains and ends. */
  | 'leaves'
  /** It ends at once, by SIGKILL. */
  | 'killed'
  /** It does nothing for 300 ms and ends then, as one that hangs. */
  | 'stuck'
  /** It does nothing for 100 ms, and again after 200 ms, five times. */
  | 'busy';

const PER_SECOND = 1_000;
const CONNECTIONS = 2_000;
const QUIET_MS = 400;
const STUCK_MS = 300;
const BUSY_MS = 100;
const FREE_MS = 200;
const BUSY_TIMES = 5;

/**
 * Two seconds of 1,000 connections each, in the first of which it happens to the worker of this place. A worker that has
 * ended is replaced by the edge meanwhile.
 */
export async function disturb(edge: SharingEdge, at: number, disturbance: Disturbance): Promise<Survey> {
  const pid = edge.counts()[at]?.pid;
  if (pid === undefined) throw new Error(`there is no worker ${at}`);
  const surveyed = survey({ target: edge.answer, connections: CONNECTIONS, perSecond: PER_SECOND });
  await delay(QUIET_MS);
  switch (disturbance) {
    case 'leaves':
      process.kill(pid, LEAVE_SIGNAL);
      break;
    case 'killed':
      process.kill(pid, 'SIGKILL');
      break;
    case 'stuck':
      process.kill(pid, 'SIGSTOP');
      await delay(STUCK_MS);
      process.kill(pid, 'SIGKILL');
      break;
    case 'busy':
      for (let time = 0; time < BUSY_TIMES; time += 1) {
        process.kill(pid, 'SIGSTOP');
        await delay(BUSY_MS);
        process.kill(pid, 'SIGCONT');
        await delay(FREE_MS);
      }
      break;
    default:
      disturbance satisfies never;
  }
  return surveyed;
}
