import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds } from './cpu.ts';

/** What comes after the last byte is the work's too: closing sockets, and writing the access log. */
const AFTERMATH_MS = 150;

export interface Usage<Result> {
  readonly result: Result;
  /** CPU time that the processes used from the start of the work to shortly after its end. */
  readonly cpuSeconds: number;
}

export async function usageOf<Result>(
  pids: readonly number[],
  work: () => Promise<Result>,
): Promise<Usage<Result>> {
  const before = cpuSeconds(pids);
  const result = await work();
  await delay(AFTERMATH_MS);
  return { result, cpuSeconds: cpuSeconds(pids) - before };
}
