import type { Config } from '../../config/config.ts';
import type { WorkerSettings } from './ipc.ts';

/** The engine that a configuration amounts to here. */
export function engineOf(config: Config): WorkerSettings['engine'] {
  return config.engine === 'auto' ? 'node' : config.engine;
}

/** What each of so many workers has to know of the configuration. */
export function workerSettings(config: Config, workers: number): WorkerSettings {
  const { timeouts, limits, log } = config;
  return {
    node: config.node,
    engine: engineOf(config),
    listeners: config.listeners.map(({ name }) => name),
    limits: {
      helloTimeoutMs: timeouts.helloMs,
      proxyHeaderTimeoutMs: timeouts.proxyHeaderMs,
      maxHelloBytes: limits.helloBytes,
      lingerMs: timeouts.lingerMs,
      // Rounded up: 0 would mean no limit.
      maxConnections: Math.ceil(limits.connections / workers),
    },
    timeouts: { dialMs: timeouts.dialMs, idleMs: timeouts.idleMs, halfClosedMs: timeouts.halfClosedMs },
    log: { level: log.level, format: log.format, access: log.access },
    drainMs: timeouts.drainMs,
  };
}
