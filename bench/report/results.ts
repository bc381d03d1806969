import type { Machine } from '../measure/machine.ts';
import type { Busy, Series } from '../measurement.ts';

/** One run: what `results.json` holds. */
export interface Results {
  /** ISO 8601. */
  readonly at: string;
  readonly command: string;
  readonly machine: Machine;
  /** Name of each measured proxy to its version. */
  readonly versions: Readonly<Record<string, string>>;
  readonly series: readonly Series[];
  readonly busy: readonly Busy[];
  /** What was not measured, and why. */
  readonly notes: readonly string[];
}
