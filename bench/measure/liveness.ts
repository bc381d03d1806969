import type { Probe } from '../load/probe.ts';

/** Which worker took a probe's connection; null where that is not known. */
export type WorkerOf = (probe: Probe) => number | null;

/**
 * When a change was live on the last of the workers, in `performance.now()`: on each of them, the end of the first
 * answered probe after which no other one that it may have taken failed. A failed probe whose worker is not known
 * counts against all of them. Null when one worker never answered: then nothing is known of it.
 */
export function liveOnAll(
  probes: readonly Probe[],
  workers: readonly number[],
  workerOf: WorkerOf,
): number | null {
  const times = workers.map((worker) => {
    const taken = probes.filter((probe) => {
      const by = workerOf(probe);
      return by === worker || (by === null && probe.result !== 'answered');
    });
    return stableSince(taken, 'answered');
  });
  return times.reduce<number | null>(
    (latest, time) => (latest === null || time === null ? null : Math.max(latest, time)),
    0,
  );
}

/** The end of the first probe with this result that began after every probe with another; null when there is none. */
export function stableSince(probes: readonly Probe[], result: Probe['result']): number | null {
  const lastOther = Math.max(
    ...probes.filter((probe) => probe.result !== result).map((probe) => probe.startedAt),
    Number.NEGATIVE_INFINITY,
  );
  const ends = probes
    .filter((probe) => probe.result === result && probe.startedAt >= lastOther)
    .map((probe) => probe.endedAt);
  return ends.length === 0 ? null : Math.min(...ends);
}
