import type { Brand } from './brand.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** A backend's share of a target's connections, relative to the weights beside it; 0 gets none. */
export type Weight = Brand<number, 'Weight'>;

/** What a backend has whose weight nobody named. */
export const DEFAULT_WEIGHT = 1 as Weight;

const MAX_WEIGHT = 1_000_000;

export function parseWeight(input: number | string): Parsed<Weight> {
  const weight = typeof input === 'string' && /^[0-9]{1,7}$/.test(input) ? Number(input) : input;
  if (typeof weight !== 'number' || !Number.isInteger(weight) || weight < 0 || weight > MAX_WEIGHT) {
    return invalid(`must be a whole number from 0 to ${MAX_WEIGHT}`);
  }
  // The log has no -0, and what comes back from it must be equal.
  return ok((weight === 0 ? 0 : weight) as Weight);
}
