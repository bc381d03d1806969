import { resolve } from 'node:path';
import type { Config, ListenerConfig } from './config.ts';
import type { Settings } from './schema.ts';

/** Names settings as the code does: camel case, units in names, paths absolute. Throws without a database. */
export function resolveSettings(settings: Settings, workingDirectory: string): Config {
  const { node, engine, workers, stream, timeouts, limits, log } = settings;
  return {
    node,
    engine,
    workers,
    stateDir: resolve(workingDirectory, settings.state_dir),
    database: resolveDatabase(settings.database),
    stream: {
      pollIntervalMs: stream.poll_interval,
      connectTimeoutMs: stream.connect_timeout,
      queryTimeoutMs: stream.query_timeout,
      heartbeatIntervalMs: stream.heartbeat_interval,
    },
    ...resolveSockets(settings),
    publicAddresses: [...new Set(settings.public_addresses)],
    timeouts: {
      helloMs: timeouts.hello,
      proxyHeaderMs: timeouts.proxy_header,
      dialMs: timeouts.dial,
      idleMs: timeouts.idle,
      halfClosedMs: timeouts.half_closed,
      lingerMs: timeouts.linger,
      drainMs: timeouts.drain,
    },
    limits: {
      helloBytes: limits.hello_size,
      connections: limits.connections,
      pending: {
        connections: limits.pending.connections,
        perAddress: limits.pending.per_address,
        perSubnet: limits.pending.per_subnet,
        bytes: limits.pending.size,
      },
    },
    log,
  };
}

/** The part of the settings that binds sockets. */
export function resolveSockets({
  listeners,
  admin,
}: Pick<Settings, 'listeners' | 'admin'>): Pick<Config, 'listeners' | 'admin'> {
  return { listeners: listeners.map(resolveListener), admin: admin === 'off' ? null : admin.address };
}

function resolveListener(listener: Settings['listeners'][number]): ListenerConfig {
  const { name, ipv6_only: ipv6Only, proxy_protocol: proxyProtocol, trusted } = listener;
  const common = { name, ipv6Only, proxyProtocol, trusted };
  switch (listener.kind) {
    case 'tls':
      return { kind: 'tls', ...common, ...listener.address, defersAccept: listener.defer_accept };
    case 'http':
      return {
        kind: 'http',
        ...common,
        ...listener.address,
        defersAccept: listener.defer_accept,
        httpsPort: listener.https_port,
      };
    case 'tcp': {
      const { address, ports, dedicated } = listener;
      return { kind: 'tcp', ...common, address, ports, dedicated };
    }
    default:
      return listener satisfies never;
  }
}

function resolveDatabase(database: Settings['database']): Config['database'] {
  if (database === undefined) throw new Error('the settings were not checked for a database');
  return database === 'embedded' ? { kind: 'embedded' } : { kind: 'url', url: database.url };
}
