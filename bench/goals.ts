import { median, pairedRatio, percentile } from './measure/statistics.ts';
import { METRICS, type Metric, type Series } from './measurement.ts';
import { PEERS, type ProxyName } from './proxies/proxy.ts';

/** What one of weir's engines is to reach. */
export interface Goal {
  readonly metrics: readonly Metric[];
  readonly proxy: ProxyName;
  readonly bound: Bound;
}

export type Bound =
  /** Of the best peer that was measured; `stretch` is what is hoped for beyond it. */
  | { readonly kind: 'times-best'; readonly most: number; readonly stretch?: number }
  | { readonly kind: 'times-haproxy'; readonly most: number }
  | { readonly kind: 'median'; readonly most: number }
  | { readonly kind: 'p99'; readonly most: number };

const BULK: readonly Metric[] = [
  'cpu-per-gb-download',
  'cpu-per-gb-upload',
  'cpu-per-gb-both',
  'cpu-per-gb-parallel',
];

export const GOALS: readonly Goal[] = [
  {
    metrics: ['cpu-per-connection'],
    proxy: 'weir',
    bound: { kind: 'times-best', most: 1, stretch: 0.9 },
  },
  { metrics: BULK, proxy: 'weir', bound: { kind: 'times-best', most: 0.45 } },
  { metrics: ['message-p99'], proxy: 'weir', bound: { kind: 'times-best', most: 1 } },
  { metrics: ['idle-connection'], proxy: 'weir', bound: { kind: 'median', most: 1 } },
  { metrics: ['idle-connection'], proxy: 'weir', bound: { kind: 'times-best', most: 0.35 } },
  { metrics: ['at-rest'], proxy: 'weir', bound: { kind: 'median', most: 128 } },
  { metrics: ['name-live', 'port-live'], proxy: 'weir', bound: { kind: 'p99', most: 50 } },
  { metrics: ['cpu-per-connection'], proxy: 'weir-node', bound: { kind: 'times-haproxy', most: 2.5 } },
  { metrics: BULK, proxy: 'weir-node', bound: { kind: 'times-haproxy', most: 1.8 } },
  { metrics: ['idle-connection'], proxy: 'weir-node', bound: { kind: 'median', most: 9 } },
  { metrics: ['at-rest'], proxy: 'weir-node', bound: { kind: 'median', most: 128 } },
];

export interface Verdict {
  readonly bound: Bound;
  readonly goal: string;
  /** What was reached, in the goal's terms; null where nothing to compare with was measured, and so for the next two. */
  readonly reached: string | null;
  readonly isMet: boolean | null;
  /** Where the goal is, in the metric's unit; of a goal that is a ratio, by the median of what it is a ratio to. */
  readonly limit: number | null;
}

/** How a series stands to each of its goals; `group` is all that was measured of its metric. */
export function judge(series: Series, group: readonly Series[]): readonly Verdict[] {
  return GOALS.filter(({ metrics, proxy }) => proxy === series.proxy && metrics.includes(series.metric)).map(
    ({ bound }) => judgeOne(series, group, bound),
  );
}

export interface Comparison {
  readonly peer: Series;
  /** How many times the peer's figure this is, as the median of the rounds. */
  readonly ratio: number;
}

/** The peer beside which the series looks worst, which is the best of them; null when none was measured. */
export function besideBestPeer(series: Series, group: readonly Series[]): Comparison | null {
  const comparisons = group
    .filter(({ proxy }) => PEERS.includes(proxy) && proxy !== series.proxy)
    .map((peer) => ({ peer, ratio: pairedRatio(series.samples, peer.samples) }))
    .sort((a, b) => b.ratio - a.ratio);
  const isMore = METRICS[series.metric].isMore === true;
  return (isMore ? comparisons.at(-1) : comparisons[0]) ?? null;
}

/** The same beside HAProxy. */
export function besideHaproxy(series: Series, group: readonly Series[]): Comparison | null {
  const peer = group.find(({ proxy }) => proxy === 'haproxy');
  return peer === undefined ? null : { peer, ratio: pairedRatio(series.samples, peer.samples) };
}

function judgeOne(series: Series, group: readonly Series[], bound: Bound): Verdict {
  const { unit } = METRICS[series.metric];
  switch (bound.kind) {
    case 'times-best': {
      const stretch = bound.stretch === undefined ? '' : ` (stretch ${bound.stretch})`;
      return judgeRatio(besideBestPeer(series, group), bound, `best peer${stretch}`);
    }
    case 'times-haproxy':
      return judgeRatio(besideHaproxy(series, group), bound, 'haproxy');
    case 'median': {
      const reached = median(series.samples);
      return {
        bound,
        goal: `≤ ${bound.most} ${unit}`,
        reached: `${reached.toPrecision(3)} ${unit}`,
        isMet: reached <= bound.most,
        limit: bound.most,
      };
    }
    case 'p99': {
      const reached = percentile(series.samples, 0.99);
      return {
        bound,
        goal: `p99 < ${bound.most} ${unit}`,
        reached: `${reached.toPrecision(3)} ${unit}`,
        isMet: reached < bound.most,
        limit: bound.most,
      };
    }
    default:
      return bound satisfies never;
  }
}

function judgeRatio(comparison: Comparison | null, bound: Bound, whose: string): Verdict {
  const { most } = bound;
  const goal = `≤ ${most} × ${whose}`;
  if (comparison === null) return { bound, goal, reached: null, isMet: null, limit: null };
  const { peer, ratio } = comparison;
  return {
    bound,
    goal,
    reached: `${ratio.toFixed(2)} × ${peer.proxy}`,
    isMet: ratio <= most,
    limit: most * median(peer.samples),
  };
}
