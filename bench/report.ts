import { judge } from './goals.ts';
import type { Machine } from './measure/machine.ts';
import { median, pairedRatio, percentile, relativeSpread } from './measure/statistics.ts';
import { METRICS, type Metric, type Series } from './measurement.ts';

/** One run: what `bench/results/latest.json` holds. */
export interface Results {
  /** ISO 8601. */
  readonly at: string;
  readonly command: string;
  readonly machine: Machine;
  /** Name of each measured proxy to its version. */
  readonly versions: Readonly<Record<string, string>>;
  readonly series: readonly Series[];
  /** What was not measured, and why. */
  readonly notes: readonly string[];
}

/** The run as Markdown that also reads well on a terminal: its columns are aligned. */
export function renderReport(results: Results): string {
  const byMetric = Map.groupBy(results.series, (series) => series.metric);
  const metrics = (Object.keys(METRICS) as Metric[]).filter((metric) => byMetric.has(metric));
  const rows = metrics.flatMap((metric) => rowsOf(byMetric.get(metric) ?? []));
  const parts = [renderHeading(results), renderTable([HEADER, ...rows])];
  if (results.notes.length > 0) parts.push(results.notes.map((note) => `- ${note}`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

const HEADER = ['what', 'proxy', 'median', 'p99 or spread', '× HAProxy', 'goal', ''];

function renderHeading({ command, machine, versions }: Results): string {
  const pinning = machine.pinning === null ? 'not pinned: fewer than two cores, or no taskset' : 'pinned';
  const proxies = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${command}\``,
    '',
    `${machine.cores} cores (${pinning}), ${machine.kernel}, Node ${machine.node}; ${proxies.join(', ')}`,
  ].join('\n');
}

/** The first proxy's row carries the title; the others follow it. */
function rowsOf(group: readonly Series[]): readonly string[][] {
  const haproxy = group.find((series) => series.proxy === 'haproxy');
  return group.map((series, index) => {
    const { title, unit } = METRICS[series.metric];
    const verdict = series.proxy === 'weir' ? judge(series, haproxy) : null;
    return [
      index === 0 ? title : '',
      series.proxy,
      `${round(median(series.samples))} ${unit}`,
      isDistribution(series) ? `p99 ${round(percentile(series.samples, 0.99))} ${unit}` : spreadOf(series),
      haproxy === undefined ? '' : pairedRatio(series.samples, haproxy.samples).toFixed(2),
      verdict?.goal ?? '',
      verdict === null ? '' : verdictWord(verdict.isMet),
    ];
  });
}

/** Of changes each sample is one change; of all else a sample is a whole round. */
function isDistribution({ metric }: Series): boolean {
  return metric.startsWith('name-') || metric.startsWith('port-');
}

function spreadOf({ samples }: Series): string {
  return samples.length < 2 ? 'one sample' : `± ${(relativeSpread(samples) * 100).toFixed(0)} %`;
}

function verdictWord(isMet: boolean | null): string {
  if (isMet === null) return 'HAProxy not measured';
  return isMet ? 'met' : 'NOT MET';
}

function round(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function renderTable(rows: readonly string[][]): string {
  const widths = HEADER.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const render = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [header = HEADER, ...body] = rows;
  return [render(header), rule, ...body.map(render)].join('\n');
}
