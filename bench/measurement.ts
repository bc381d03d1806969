import type { Load } from './load/load-processes.ts';
import type { CoreShares } from './measure/usage.ts';
import type { Options } from './options.ts';
import type { Contender, ProxyName } from './proxies/proxy.ts';
import type { Session } from './session.ts';

interface MetricDefinition {
  readonly scenario: ScenarioName;
  readonly title: string;
  readonly unit: string;
  /** Whether more is better. @default less is */
  readonly isMore?: boolean;
}

/** What a scenario can say, in the order of a report; less is better but where it is said. */
const DEFINITIONS = {
  'cpu-per-connection': { scenario: 'short', title: 'CPU per short connection', unit: 'µs' },
  'connections-per-second': {
    scenario: 'short',
    title: 'Short connections per second (more is better)',
    unit: '/s',
    isMore: true,
  },
  'cpu-per-paced-connection': {
    scenario: 'short',
    title: 'CPU per short connection, at a steady rate',
    unit: 'µs',
  },
  'latency-p50': { scenario: 'short', title: 'Short connection at a steady rate, p50', unit: 'ms' },
  'latency-p99': { scenario: 'short', title: 'Short connection at a steady rate, p99', unit: 'ms' },
  'cpu-per-gb-download': { scenario: 'bulk', title: 'CPU per GB, one download', unit: 's' },
  'cpu-per-gb-upload': { scenario: 'bulk', title: 'CPU per GB, one upload', unit: 's' },
  'cpu-per-gb-both': { scenario: 'bulk', title: 'CPU per GB, both ways at once', unit: 's' },
  'cpu-per-gb-parallel': { scenario: 'bulk', title: 'CPU per GB, four downloads at once', unit: 's' },
  'throughput-download': {
    scenario: 'bulk',
    title: 'Throughput of one download (more is better)',
    unit: 'GB/s',
    isMore: true,
  },
  'throughput-upload': {
    scenario: 'bulk',
    title: 'Throughput of one upload (more is better)',
    unit: 'GB/s',
    isMore: true,
  },
  'message-p50': { scenario: 'messages', title: 'Small message there and back, p50', unit: 'ms' },
  'message-p99': { scenario: 'messages', title: 'Small message there and back, p99', unit: 'ms' },
  'cpu-per-message': { scenario: 'messages', title: 'CPU per message there and back', unit: 'µs' },
  'cpu-per-handshake': { scenario: 'handshakes', title: 'CPU per TLS handshake relayed', unit: 'µs' },
  'handshakes-per-second': {
    scenario: 'handshakes',
    title: 'TLS handshakes per second (more is better)',
    unit: '/s',
    isMore: true,
  },
  'handshake-p99': { scenario: 'handshakes', title: 'TLS handshake at a steady rate, p99', unit: 'ms' },
  'cpu-per-request': { scenario: 'keep-alive', title: 'CPU per HTTPS request, kept alive', unit: 'µs' },
  'requests-per-second': {
    scenario: 'keep-alive',
    title: 'HTTPS requests per second (more is better)',
    unit: '/s',
    isMore: true,
  },
  'request-p99': { scenario: 'keep-alive', title: 'HTTPS request, p99', unit: 'ms' },
  'idle-connection': { scenario: 'idle', title: 'Memory per idle connection', unit: 'KiB' },
  'at-rest': { scenario: 'rest', title: 'Memory at rest, one worker', unit: 'MiB' },
  'name-live': { scenario: 'changes', title: 'New name: commit → answered on every worker', unit: 'ms' },
  'name-live-after-call': {
    scenario: 'changes',
    title: 'New name: command called → answered on every worker',
    unit: 'ms',
  },
  'name-live-after-answer': {
    scenario: 'changes',
    title: 'New name: command done → answered on every worker',
    unit: 'ms',
  },
  'port-live': { scenario: 'changes', title: 'New TCP port: commit → answered on every worker', unit: 'ms' },
  'port-live-after-call': {
    scenario: 'changes',
    title: 'New TCP port: command called → answered on every worker',
    unit: 'ms',
  },
  'port-live-after-answer': {
    scenario: 'changes',
    title: 'New TCP port: command done → answered on every worker',
    unit: 'ms',
  },
  'port-gone': { scenario: 'changes', title: 'Released TCP port: command called → refused', unit: 'ms' },
} as const satisfies Record<string, MetricDefinition>;

export type Metric = keyof typeof DEFINITIONS;

export const METRICS: Readonly<Record<Metric, MetricDefinition>> = DEFINITIONS;

/** Kinds of load whose CPU time is measured on both sides. */
export const PHASES = {
  short: 'Short connections, as many as go',
  paced: 'Short connections, at a steady rate',
  download: 'One download',
  upload: 'One upload',
  both: 'Both ways at once',
  parallel: 'Four downloads at once',
  messages: 'Small messages, at a steady rate',
  handshakes: 'TLS handshakes, as many as go',
  'steady-handshakes': 'TLS handshakes, at a steady rate',
  'keep-alive': 'HTTPS requests, kept alive',
} as const;
export type Phase = keyof typeof PHASES;

/** One proxy's samples of one metric, in the order of the rounds. */
export interface Series {
  readonly metric: Metric;
  readonly proxy: ProxyName;
  readonly samples: readonly number[];
}

/** How busy both sides were with one proxy under one kind of load, in the order of the rounds. */
export interface Busy {
  readonly phase: Phase;
  readonly proxy: ProxyName;
  readonly shares: readonly CoreShares[];
}

/** What a scenario has found. */
export interface Findings {
  readonly series: readonly Series[];
  readonly busy: readonly Busy[];
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
  /** The same of what went wrong: the run goes on, and its exit code says so. */
  fail(line: string): void;
}

export interface Scenario {
  readonly name: ScenarioName;
  /** Measured when the command names none. */
  readonly proxies: readonly ProxyName[];
  run(bench: Bench): Promise<Findings>;
}

export const SCENARIO_NAMES = [
  'short',
  'bulk',
  'messages',
  'handshakes',
  'keep-alive',
  'idle',
  'rest',
  'changes',
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** Gathers one round's samples of each proxy into series. */
export class Recorder implements Findings {
  readonly #series = new Map<string, { metric: Metric; proxy: ProxyName; samples: number[] }>();
  readonly #busy = new Map<string, { phase: Phase; proxy: ProxyName; shares: CoreShares[] }>();

  /** Leaves out what is NaN: what this proxy has no such figure of. */
  add(proxy: { readonly name: ProxyName }, samples: Partial<Record<Metric, number>>): void {
    for (const [metric, sample] of Object.entries(samples) as [Metric, number][]) {
      if (Number.isNaN(sample)) continue;
      const key = `${metric} ${proxy.name}`;
      const series = this.#series.get(key) ?? { metric, proxy: proxy.name, samples: [] };
      series.samples.push(sample);
      this.#series.set(key, series);
    }
  }

  addShares(proxy: { readonly name: ProxyName }, phase: Phase, shares: CoreShares): void {
    const key = `${phase} ${proxy.name}`;
    const busy = this.#busy.get(key) ?? { phase, proxy: proxy.name, shares: [] };
    busy.shares.push(shares);
    this.#busy.set(key, busy);
  }

  get series(): readonly Series[] {
    return Array.from(this.#series.values());
  }

  get busy(): readonly Busy[] {
    return Array.from(this.#busy.values());
  }
}
