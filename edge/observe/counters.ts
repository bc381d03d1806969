import { type Outcome, REASONS } from '../connection/outcome.ts';

/** Upper bounds of the dial time histogram, in seconds. */
export const DIAL_BUCKETS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
] as const;

const REASON_INDEX: ReadonlyMap<string, number> = new Map(REASONS.map((reason, index) => [reason, index]));

/**
 * The layout of one listener's counters:
 *
 *     [ one for each of REASONS | client bytes | backend bytes | dials | dial count | dial seconds | buckets… | over ]
 */
export const COUNTER = {
  reasons: 0,
  bytesFromClient: REASONS.length,
  bytesFromBackend: REASONS.length + 1,
  dials: REASONS.length + 2,
  dialCount: REASONS.length + 3,
  dialSeconds: REASONS.length + 4,
  dialBuckets: REASONS.length + 5,
} as const;

const COUNTERS_PER_LISTENER = COUNTER.dialBuckets + DIAL_BUCKETS_S.length;

/** A worker's counters: plain numbers that only grow, added to once for each connection. */
export class Counters {
  readonly #listeners: readonly string[];
  readonly #index: ReadonlyMap<string, number>;
  readonly #values: Float64Array;

  /** @param listeners The names of all listeners in the configuration. */
  constructor(listeners: readonly string[]) {
    this.#listeners = listeners;
    this.#index = new Map(listeners.map((name, index) => [name, index * COUNTERS_PER_LISTENER]));
    this.#values = new Float64Array(listeners.length * COUNTERS_PER_LISTENER);
  }

  add(outcome: Outcome): void {
    const base = this.#index.get(outcome.listener);
    const reason = REASON_INDEX.get(outcome.reason);
    if (base === undefined || reason === undefined) return;
    this.#add(base + COUNTER.reasons + reason, 1);
    this.#add(base + COUNTER.bytesFromClient, outcome.bytesFromClient);
    this.#add(base + COUNTER.bytesFromBackend, outcome.bytesFromBackend);
    this.#add(base + COUNTER.dials, outcome.dials);
    if (outcome.dialMs === null) return;
    const seconds = outcome.dialMs / 1000;
    this.#add(base + COUNTER.dialCount, 1);
    this.#add(base + COUNTER.dialSeconds, seconds);
    const bucket = DIAL_BUCKETS_S.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.#add(base + COUNTER.dialBuckets + bucket, 1);
  }

  /** All totals since the worker's start, for the primary. */
  snapshot(): CounterSnapshot {
    return Array.from(this.#listeners, (_, index) =>
      Array.from(this.#values.subarray(index * COUNTERS_PER_LISTENER, (index + 1) * COUNTERS_PER_LISTENER)),
    );
  }

  #add(at: number, amount: number): void {
    this.#values[at] = (this.#values[at] ?? 0) + amount;
  }
}

/** One row for each listener, in the configuration's order, laid out as `COUNTER` says. */
export type CounterSnapshot = readonly (readonly number[])[];

/** Whether `value` is a snapshot for this many listeners: what a worker sends is decoded like any other message. */
export function isCounterSnapshot(value: unknown, listeners: number): value is CounterSnapshot {
  return (
    Array.isArray(value) &&
    value.length === listeners &&
    value.every(
      (row) =>
        Array.isArray(row) &&
        row.length === COUNTERS_PER_LISTENER &&
        row.every((total) => typeof total === 'number' && Number.isFinite(total)),
    )
  );
}

export function emptySnapshot(listeners: number): CounterSnapshot {
  return Array.from({ length: listeners }, () => new Array<number>(COUNTERS_PER_LISTENER).fill(0));
}

export function sumSnapshots(a: CounterSnapshot, b: CounterSnapshot): CounterSnapshot {
  return a.map((row, listener) => row.map((total, at) => total + (b[listener]?.[at] ?? 0)));
}
