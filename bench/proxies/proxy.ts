import type { BackendPorts, Target } from '../load/task.ts';
import type { Session } from '../session.ts';

/** The names that every proxy routes, each to the backend service of the same purpose. */
export const ROUTED_NAMES = {
  answer: 'answer.bench.test',
  source: 'source.bench.test',
  sink: 'sink.bench.test',
  duplex: 'duplex.bench.test',
  echo: 'echo.bench.test',
  echo2: 'echo2.bench.test',
  echo3: 'echo3.bench.test',
  echo4: 'echo4.bench.test',
  tls: 'tls.bench.test',
  https: 'https.bench.test',
} as const satisfies Partial<Record<keyof BackendPorts, string>>;

export type Service = keyof typeof ROUTED_NAMES;

export const SERVICES = Object.keys(ROUTED_NAMES) as readonly Service[];

/** A kind of proxy that can be measured. */
export interface Contender {
  readonly name: ProxyName;
  /** Whether it can be measured here; what it says of its version is part of the results. */
  find(): Presence;
  /** Resolves once a connection to each name would be relayed. The session ends what is still running at its end. */
  start(session: Session, backends: BackendPorts): Promise<RunningProxy>;
}

export type Presence =
  | { readonly kind: 'found'; readonly version: string }
  | { readonly kind: 'missing'; readonly remedy: string };

export const PROXY_NAMES = [
  'weir',
  'weir-node',
  'haproxy',
  'haproxy-log',
  'nginx',
  'sniproxy',
  'node-pipe',
  'direct',
] as const;
export type ProxyName = (typeof PROXY_NAMES)[number];

/** Those that weir is to be compared with: what people run. */
export const PEERS: readonly ProxyName[] = ['haproxy', 'nginx', 'sniproxy'];

export interface RunningProxy {
  readonly name: ProxyName;
  /** Where a client finds the service. */
  target(service: Service): Target;
  /** The processes whose CPU time and memory are the proxy's. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** All services behind one port of 127.0.0.1, told apart by the name in the ClientHello. */
export function routedAt(port: number): RunningProxy['target'] {
  return (service) => ({ port, name: ROUTED_NAMES[service] });
}
