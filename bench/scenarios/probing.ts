import { setTimeout as delay } from 'node:timers/promises';
import { type Probe, type ProbePlan, probe } from '../load/probe.ts';

const LANES = 4;
const PAUSE_MS = 1;
const DEADLINE_MS = 5_000;

/** Alike results in a row at the end: enough for each of two workers to have had its share, and to see one that lags. */
const SETTLED_PROBES = 32;

/**
 * Probes some hundred times a second until the last 32 probes had this result, and returns all of them in the order in
 * which they ended; rejects where that does not come about in 5 s.
 */
export async function probeUntil(plan: ProbePlan, result: Probe['result']): Promise<readonly Probe[]> {
  const probes: Probe[] = [];
  const deadline = performance.now() + DEADLINE_MS;
  let alike = 0;
  const lane = async (): Promise<void> => {
    while (alike < SETTLED_PROBES && performance.now() < deadline) {
      const one = await probe(plan);
      probes.push(one);
      alike = one.result === result ? alike + 1 : 0;
      await delay(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (alike < SETTLED_PROBES)
    throw new Error(`port ${plan.port}: not steadily ${result} within ${DEADLINE_MS} ms`);
  return probes;
}
