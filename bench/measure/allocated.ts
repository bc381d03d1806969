import { median } from './statistics.ts';

const ROUNDS = 15;
const FIRST_CALLS = 5;
const MAX_CALLS = 2000;

/** Far above what the measuring itself takes, and small beside the young generation (16 MiB). */
const ROUND_BYTES = 1_000_000;

/**
 * Bytes of memory that one call takes, on the heap and outside of it, freed or not: the median of rounds, since a
 * collection in the middle of one makes it worthless.
 */
export function allocatedBytes(call: () => unknown): number {
  const estimate = Math.max(1, medianOf(call, FIRST_CALLS));
  return medianOf(call, Math.min(MAX_CALLS, Math.ceil(ROUND_BYTES / estimate)));
}

function medianOf(call: () => unknown, calls: number): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = usedBytes();
    for (let count = 0; count < calls; count += 1) call();
    return (usedBytes() - before) / calls;
  });
  return Math.max(0, median(rounds));
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
