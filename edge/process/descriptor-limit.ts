import { readFileSync } from 'node:fs';

/** For what a worker has open beside its connections, and for those that it turns away. */
const RESERVED = 64;

const DESCRIPTORS_PER_CONNECTION = 2;

/**
 * How many connections a worker can hold at once: as many as it was told, and no more than it has descriptors for. At
 * the end of those the system's only way is to drop what connects, without an answer and without a trace.
 *
 * @param configured 0 means no limit.
 * @param limits The text of /proc/self/limits, null where the system has none.
 */
export function connectionLimit(configured: number, limits: string | null): number {
  const descriptors = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1];
  if (descriptors === undefined) return configured;
  const possible = Math.max(1, Math.floor((Number(descriptors) - RESERVED) / DESCRIPTORS_PER_CONNECTION));
  return configured === 0 ? possible : Math.min(configured, possible);
}

/** The limits of this process; Node has raised the soft ones to the hard ones by the time that it can ask. */
export function readProcessLimits(): string | null {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return null;
  }
}
