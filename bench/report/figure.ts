import { besideBestPeer, besideHaproxy, type Comparison, judge, type Verdict } from '../goals.ts';
import { median, percentile, relativeSpread } from '../measure/statistics.ts';
import { METRICS, type Metric, type Series } from '../measurement.ts';
import { PROXY_NAMES, type ProxyName } from '../proxies/proxy.ts';

/** What is shown of one series. */
export interface Figure {
  readonly metric: Metric;
  readonly proxy: ProxyName;
  readonly median: number;
  /** The lowest round and the highest; of a distribution the median and its p99. */
  readonly low: number;
  readonly high: number;
  /** `± 4 %`, or `p99 17 ms` of a distribution. */
  readonly spread: string;
  readonly haproxy: Comparison | null;
  readonly bestPeer: Comparison | null;
  readonly verdicts: readonly Verdict[];
}

/** By metric in the order of a report, and within it by proxy, always in the same order. */
export function figuresOf(series: readonly Series[]): ReadonlyMap<Metric, readonly Figure[]> {
  const byMetric = Map.groupBy(series, ({ metric }) => metric);
  const metrics = Object.keys(METRICS) as readonly Metric[];
  return new Map(
    metrics.flatMap((metric) => {
      const group = byMetric.get(metric) ?? [];
      const figures = group.map((one) => figureOf(one, group)).sort((a, b) => rank(a) - rank(b));
      return figures.length === 0 ? [] : [[metric, figures]];
    }),
  );
}

/** With three digits or so, as all figures of a report. */
export function round(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function figureOf(series: Series, group: readonly Series[]): Figure {
  const { metric, proxy, samples } = series;
  const middle = median(samples);
  const isDistribution = METRICS[metric].scenario === 'changes';
  const p99 = percentile(samples, 0.99);
  return {
    metric,
    proxy,
    median: middle,
    low: isDistribution ? middle : Math.min(...samples),
    high: isDistribution ? p99 : Math.max(...samples),
    spread: isDistribution ? `p99 ${round(p99)} ${METRICS[metric].unit}` : spreadOf(samples),
    haproxy: besideHaproxy(series, group),
    bestPeer: besideBestPeer(series, group),
    verdicts: judge(series, group),
  };
}

function spreadOf(samples: readonly number[]): string {
  return samples.length < 2 ? 'one sample' : `± ${(relativeSpread(samples) * 100).toFixed(0)} %`;
}

function rank({ proxy }: Figure): number {
  return PROXY_NAMES.indexOf(proxy);
}
