import type { BackendPorts } from '../load/task.ts';
import type { Session } from '../session.ts';

/** The names that every proxy routes, each to the backend service of the same purpose. */
export const ROUTED_NAMES = {
  answer: 'answer.bench.test',
  source: 'source.bench.test',
  sink: 'sink.bench.test',
  echo: 'echo.bench.test',
} as const satisfies Partial<Record<keyof BackendPorts, string>>;

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

export const PROXY_NAMES = ['weir', 'weir-node', 'haproxy', 'haproxy-log', 'node-pipe'] as const;
export type ProxyName = (typeof PROXY_NAMES)[number];

export interface RunningProxy {
  readonly name: ProxyName;
  /** On 127.0.0.1; routes by the name in the ClientHello. */
  readonly tlsPort: number;
  /** The processes whose CPU time and memory are the proxy's. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}
