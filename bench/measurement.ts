import type { Load } from './load/load-processes.ts';
import type { Options } from './options.ts';
import type { Contender, ProxyName } from './proxies/proxy.ts';
import type { Session } from './session.ts';

/** What a scenario can say; each has one unit, and less is better but for the two that are marked. */
export const METRICS = {
  'cpu-per-connection': { title: 'CPU per short connection', unit: 'µs' },
  'connections-per-second': { title: 'Short connections per second (more is better)', unit: '/s' },
  'latency-p50': { title: 'Short connection, p50', unit: 'ms' },
  'latency-p99': { title: 'Short connection, p99', unit: 'ms' },
  'utilisation-short': { title: 'Share of its core used, short connections', unit: '%' },
  'cpu-per-gb-download': { title: 'CPU per GB, one download', unit: 's' },
  'cpu-per-gb-upload': { title: 'CPU per GB, one upload', unit: 's' },
  'cpu-per-gb-parallel': { title: 'CPU per GB, four downloads at once', unit: 's' },
  'throughput-download': { title: 'Throughput of one download (more is better)', unit: 'GB/s' },
  'idle-connection': { title: 'Memory per idle connection', unit: 'KiB' },
  'at-rest': { title: 'Memory at rest, one worker', unit: 'MiB' },
  'name-live': { title: 'New name: commit → answered on every worker', unit: 'ms' },
  'name-live-after-call': { title: 'New name: command called → answered on every worker', unit: 'ms' },
  'name-live-after-answer': { title: 'New name: command done → answered on every worker', unit: 'ms' },
  'port-live': { title: 'New TCP port: commit → answered on every worker', unit: 'ms' },
  'port-live-after-call': { title: 'New TCP port: command called → answered on every worker', unit: 'ms' },
  'port-live-after-answer': { title: 'New TCP port: command done → answered on every worker', unit: 'ms' },
  'port-gone': { title: 'Released TCP port: command called → refused', unit: 'ms' },
} as const;

export type Metric = keyof typeof METRICS;

/** One proxy's samples of one metric, in the order of the rounds. */
export interface Series {
  readonly metric: Metric;
  readonly proxy: ProxyName;
  readonly samples: readonly number[];
}

/** What a scenario is given. */
export interface Bench {
  readonly session: Session;
  readonly load: Load;
  readonly options: Options;
  /** Those asked for that can be measured here. */
  readonly proxies: readonly Contender[];
  /** A line for who waits. */
  progress(line: string): void;
  /** A sentence for who reads the report. */
  note(line: string): void;
}

export interface Scenario {
  readonly name: ScenarioName;
  /** Measured when the command names none. */
  readonly proxies: readonly ProxyName[];
  run(bench: Bench): Promise<readonly Series[]>;
}

export const SCENARIO_NAMES = ['short', 'bulk', 'idle', 'rest', 'changes'] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** Gathers one round's samples of each proxy into series. */
export class Recorder {
  readonly #series = new Map<string, { metric: Metric; proxy: ProxyName; samples: number[] }>();

  add(proxy: { readonly name: ProxyName }, samples: Partial<Record<Metric, number>>): void {
    for (const [metric, sample] of Object.entries(samples) as [Metric, number][]) {
      const key = `${metric} ${proxy.name}`;
      const series = this.#series.get(key) ?? { metric, proxy: proxy.name, samples: [] };
      series.samples.push(sample);
      this.#series.set(key, series);
    }
  }

  get series(): readonly Series[] {
    return Array.from(this.#series.values());
  }
}
