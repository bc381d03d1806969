import type { RouteTable } from '../../routing/table/route-table.ts';
import type { CounterSnapshot } from './counters.ts';

/** What can be seen of a running edge from outside: read by the admin server and the metrics, written by nobody. */
export interface EdgeView {
  readonly node: string;
  readonly version: string;
  readonly engine: string;
  /** The primary's own copy of the table. */
  readonly table: Pick<RouteTable, 'routes' | 'bindings' | 'sizes'>;
  /** Why the edge should not be given traffic yet; empty when it is ready. */
  unready(): readonly string[];
  revision(): number;
  stream(): StreamView;
  rejectedRows(): readonly RejectedRowView[];
  workers(): readonly WorkerView[];
  listeners(): readonly ListenerView[];
  /** Bound raw TCP ports that this edge has no listener for. */
  strayPorts(): readonly { readonly address: string | null; readonly port: number }[];
  /** One row for each of `counterListeners`. */
  counters(): CounterSnapshot;
  readonly counterListeners: readonly string[];
  workerRestarts(): number;
  droppedLogLines(): number;
}

/** How fresh the table is. */
export interface StreamView {
  /** `live`: changes arrive; `connecting`: not yet since the start; `stale`: the database is away. */
  readonly state: 'connecting' | 'live' | 'stale';
  /** Seconds since the table was last known to be what the database has; 0 while live, null if it never was. */
  readonly staleSeconds: number | null;
  readonly problem: string | null;
}

interface RejectedRowView {
  readonly kind: string;
  readonly key: string;
  readonly revision: number | null;
  readonly problem: string;
}

interface WorkerView {
  readonly id: number;
  readonly pid: number;
  readonly state: string;
  readonly revision: number;
  readonly liveConnections: number;
}

export interface ListenerView {
  readonly name: string;
  readonly peek: string;
  readonly address: string;
  readonly port: number;
  /** The `portKey` that a raw TCP port is open for; null for a listener of the configuration. */
  readonly binding: string | null;
  readonly state: 'opening' | 'open' | 'failed';
  readonly problem: string | null;
}
