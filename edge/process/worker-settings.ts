import type { Config } from '../../config/config.ts';
import type { WorkerSettings } from './ipc.ts';

/** The engine that a configuration amounts to here. */
export function engineOf(config: Config): WorkerSettings['engine'] {
  return config.engine === 'auto' ? 'node' : config.engine;
}

/** What each of so many workers has to know of the configuration. */
export function workerSettings(config: Config, workers: number): WorkerSettings {
  const { timeouts, limits, log } = config;
  // Rounded up: 0 would mean no limit.
  const share = (ofNode: number): number => Math.ceil(ofNode / workers);
  return {
    node: config.node,
    engine: engineOf(config),
    listeners: config.listeners.map(({ name }) => name),
    limits: {
      helloTimeoutMs: timeouts.helloMs,
      proxyHeaderTimeoutMs: timeouts.proxyHeaderMs,
      maxHelloBytes: limits.helloBytes,
      lingerMs: timeouts.lingerMs,
      maxConnections: share(limits.connections),
      pending: {
        connections: share(limits.pending.connections),
        perAddress: share(limits.pending.perAddress),
        perSubnet: share(limits.pending.perSubnet),
        bytes: share(limits.pending.bytes),
      },
    },
    timeouts: { dialMs: timeouts.dialMs, idleMs: timeouts.idleMs, halfClosedMs: timeouts.halfClosedMs },
    log: { level: log.level, format: log.format, access: log.access, ja4: log.access && log.ja4 },
    drainMs: timeouts.drainMs,
  };
}
