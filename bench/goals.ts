import { median, pairedRatio, percentile } from './measure/statistics.ts';
import { METRICS, type Metric, type Series } from './measurement.ts';

/** What weir's `node` engine is to reach. */
export type Goal =
  | { readonly kind: 'times-haproxy'; readonly most: number }
  | { readonly kind: 'median'; readonly most: number }
  | { readonly kind: 'p99'; readonly most: number };

export const GOALS: Partial<Record<Metric, Goal>> = {
  'cpu-per-connection': { kind: 'times-haproxy', most: 2.8 },
  'cpu-per-gb-download': { kind: 'times-haproxy', most: 1.9 },
  'cpu-per-gb-upload': { kind: 'times-haproxy', most: 1.9 },
  'cpu-per-gb-parallel': { kind: 'times-haproxy', most: 1.9 },
  'idle-connection': { kind: 'median', most: 9 },
  'at-rest': { kind: 'median', most: 128 },
  'name-live': { kind: 'p99', most: 50 },
  'port-live': { kind: 'p99', most: 50 },
};

export interface Verdict {
  readonly goal: string;
  /** Null: nothing to compare with was measured. */
  readonly isMet: boolean | null;
}

/** How weir's series stands to its goal; null for a metric without one. */
export function judge(series: Series, haproxy: Series | undefined): Verdict | null {
  const goal = GOALS[series.metric];
  if (goal === undefined) return null;
  const { unit } = METRICS[series.metric];
  switch (goal.kind) {
    case 'times-haproxy': {
      const ratio = haproxy === undefined ? null : pairedRatio(series.samples, haproxy.samples);
      return { goal: `≤ ${goal.most} × HAProxy`, isMet: ratio === null ? null : ratio <= goal.most };
    }
    case 'median':
      return { goal: `≤ ${goal.most} ${unit}`, isMet: median(series.samples) <= goal.most };
    case 'p99':
      return { goal: `p99 < ${goal.most} ${unit}`, isMet: percentile(series.samples, 0.99) < goal.most };
    default:
      return goal satisfies never;
  }
}
