import { percentile } from '../measure/statistics.ts';
import type { Latency, Pace } from './task.ts';

const TICK_MS = 1;

/**
 * Does the work `count` times and resolves with what each one took, in milliseconds. Rejects as soon as one of them
 * fails: figures of a failing proxy mean nothing.
 */
export function atPace(pace: Pace, count: number, work: () => Promise<number>): Promise<Float64Array> {
  switch (pace.kind) {
    case 'lanes':
      return onLanes(pace.count, count, work);
    case 'rate':
      return atRate(pace.perSecond, count, work);
    default:
      return pace satisfies never;
  }
}

/** The median and the 99th percentile of what the pieces of work took. */
export function latencyOf(samples: Float64Array): Latency {
  return { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99) };
}

/**
 * Calls `begin` with 0 to `count` - 1 at a steady rate, in bunches of what has become due in a millisecond. One that is
 * late is begun all the same, so that a slow answer takes nothing from the load.
 */
export function steadily(perSecond: number, count: number, begin: (index: number) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const begun = performance.now();
  let next = 0;
  const tick = (): void => {
    const due = Math.min(count, Math.floor(((performance.now() - begun) / 1000) * perSecond) + 1);
    for (; next < due; next += 1) begin(next);
    if (next < count) setTimeout(tick, TICK_MS);
    else resolve();
  };
  tick();
  return promise;
}

async function onLanes(lanes: number, count: number, work: () => Promise<number>): Promise<Float64Array> {
  const samples = new Float64Array(count);
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < count) {
      const index = started;
      started += 1;
      samples[index] = await work();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return samples;
}

async function atRate(perSecond: number, count: number, work: () => Promise<number>): Promise<Float64Array> {
  const samples = new Float64Array(count);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let done = 0;
  const one = async (index: number): Promise<void> => {
    samples[index] = await work();
    done += 1;
    if (done === count) resolve();
  };
  await Promise.race([steadily(perSecond, count, (index) => void one(index).catch(reject)), promise]);
  await promise;
  return samples;
}
