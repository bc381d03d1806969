const FIRST_MS = 100;
const CAP_MS = 5_000;

/**
 * How long to wait before attempt number `attempt` (from 0) to reach the database again, in milliseconds: a random time
 * between half of the step and the whole of it, so that the edges of a fleet do not all come back at once.
 *
 * Steps: 100, 200, 400, 800, 1600, 3200, then 5000 for ever. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const step = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return step / 2 + (step / 2) * random;
}
