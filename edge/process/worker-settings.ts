import type { Config } from '../../config/config.ts';
import type { WorkerSettings } from './ipc.ts';

/** Many times what a client in earnest takes from the accept to its hello. */
const PENDING_GRACE_MS = 250;

/** Undecided connections of one source that each worker takes at least, where the limit of all is not below that. */
const MIN_SHARE_OF_SOURCE = 64;

/** What each of so many workers has to know of the configuration, and the engine that it amounts to here. */
export function workerSettings(
  config: Config,
  engine: WorkerSettings['engine'],
  workers: number,
): WorkerSettings {
  const { timeouts, limits, log } = config;
  // Rounded up: 0 would mean no limit.
  const share = (ofNode: number): number => Math.ceil(ofNode / workers);
  // A client's connections do not spread evenly over many workers.
  const shareOfSource = (ofNode: number): number =>
    Math.max(share(ofNode), Math.min(ofNode, MIN_SHARE_OF_SOURCE));
  return {
    node: config.node,
    engine,
    listeners: config.listeners.map(({ name }) => name),
    limits: {
      helloTimeoutMs: timeouts.helloMs,
      proxyHeaderTimeoutMs: timeouts.proxyHeaderMs,
      maxHelloBytes: limits.helloBytes,
      lingerMs: timeouts.lingerMs,
      maxConnections: share(limits.connections),
      pending: {
        connections: share(limits.pending.connections),
        perAddress: shareOfSource(limits.pending.perAddress),
        perSubnet: shareOfSource(limits.pending.perSubnet),
        bytes: share(limits.pending.bytes),
        graceMs: PENDING_GRACE_MS,
      },
    },
    timeouts: { dialMs: timeouts.dialMs, idleMs: timeouts.idleMs, halfClosedMs: timeouts.halfClosedMs },
    log: { level: log.level, format: log.format, access: log.access, ja4: log.access && log.ja4 },
    drainMs: timeouts.drainMs,
  };
}
