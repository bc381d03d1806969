import type { LoadTask } from '../load/task.ts';
import type { ProxyName, RunningProxy } from '../proxies/proxy.ts';

export const LOAD_NAMES = ['short', 'download', 'upload'] as const;
export type LoadName = (typeof LOAD_NAMES)[number];

/** Work under which a proxy is looked into. */
export interface AutopsyLoad {
  readonly title: string;
  readonly proxies: readonly ProxyName[];
  /** What system calls and CPU time are given for, each. */
  readonly unit: 'connection' | 'GB';
  readonly cpuUnit: 'µs' | 'ms';
  readonly cpuUnitsPerSecond: number;
  task(proxy: RunningProxy, units: number): LoadTask;
}

const GB = 1e9;
const LANES = 48;

export const LOADS: Readonly<Record<LoadName, AutopsyLoad>> = {
  short: {
    title: 'Short connections',
    proxies: ['weir', 'haproxy', 'nginx', 'sniproxy'],
    unit: 'connection',
    cpuUnit: 'µs',
    cpuUnitsPerSecond: 1e6,
    task: (proxy, connections) => ({
      kind: 'short',
      target: proxy.target('answer'),
      connections,
      pace: { kind: 'lanes', count: LANES },
    }),
  },
  download: {
    ...perGigabyte('One download'),
    task: (proxy, units) => ({
      kind: 'download',
      target: proxy.target('source'),
      bytes: units * GB,
      parallel: 1,
    }),
  },
  upload: {
    ...perGigabyte('One upload'),
    task: (proxy, units) => ({
      kind: 'upload',
      target: proxy.target('sink'),
      bytes: units * GB,
      parallel: 1,
    }),
  },
};

function perGigabyte(title: string): Omit<AutopsyLoad, 'task'> {
  return { title, proxies: ['weir', 'haproxy'], unit: 'GB', cpuUnit: 'ms', cpuUnitsPerSecond: 1e3 };
}
