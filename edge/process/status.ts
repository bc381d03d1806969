import type { Config } from '../../config/config.ts';
import type { Revision } from '../../routing/model/revision.ts';
import type { NodeReport } from '../../routing/stream/heartbeat.ts';
import type { RowStore } from '../../routing/stream/row-store.ts';
import type { Subscriber } from '../../routing/stream/subscriber.ts';
import type { RouteTable } from '../../routing/table/route-table.ts';
import type { Engine } from '../engine/contract.ts';
import type { EdgeView, StreamView } from '../observe/edge-view.ts';
import { explainStray, type ListenerSet } from './listener-set.ts';
import type { WorkerPool } from './worker-pool.ts';

/** The parts of a primary, as far as they can be asked how they are. */
export interface EdgeParts {
  readonly config: Config;
  readonly engine: Engine['name'];
  readonly version: string;
  readonly startedAt: Date;
  readonly store: RowStore;
  readonly table: RouteTable;
  readonly pool: WorkerPool;
  readonly listeners: ListenerSet;
  readonly subscriber: Subscriber;
  /** When the snapshot that it started from was written, null without one. */
  readonly snapshotAt: () => Date | null;
  readonly isStopping: () => boolean;
}

/** A heartbeat is no log. */
const MAX_REPORTED_ERRORS = 100;

/** What can be seen of an edge, read from its parts each time that it is asked. */
export function viewOf(parts: EdgeParts): EdgeView {
  const { config, version, store, table, pool, listeners } = parts;
  return {
    node: config.node,
    version,
    engine: parts.engine,
    table,
    unready: () => unreadyReasons(parts),
    revision: () => store.revision,
    stream: () => streamView(parts),
    rejectedRows: () => rejectedRows(parts),
    workers: () => pool.status(),
    listeners: () => listeners.status(),
    strayPorts: () => listeners.strayPorts(),
    counters: () => pool.counters(),
    counterListeners: config.listeners.map(({ name }) => name),
    workerRestarts: () => pool.restarts,
    droppedLogLines: () => pool.droppedLogLines(),
  };
}

/** What every running worker has applied. */
export function appliedRevision({ store, pool }: Pick<EdgeParts, 'store' | 'pool'>): Revision {
  const running = pool.status().filter(({ state }) => state === 'running');
  return Math.min(store.revision, ...running.map(({ revision }) => revision)) as Revision;
}

/** What the edge tells the control plane. Asked for its revision often, so the rest is found out only where it is sent. */
export function nodeReport(parts: EdgeParts): NodeReport {
  return {
    node: parts.config.node,
    revision: appliedRevision(parts),
    publicAddresses: parts.config.publicAddresses,
    startedAt: parts.startedAt,
    get listeners() {
      return parts.listeners.status();
    },
    get errors() {
      return reportedErrors(parts);
    },
  };
}

function reportedErrors(parts: EdgeParts): readonly string[] {
  const failed = parts.listeners.status().flatMap(({ problem }) => (problem === null ? [] : [problem]));
  const strays = parts.listeners.strayPorts().map(explainStray);
  const rejected = rejectedRows(parts).map(({ key, problem }) => `row ${key} ${problem}`);
  return [...failed, ...strays, ...rejected].slice(0, MAX_REPORTED_ERRORS);
}

function rejectedRows({ subscriber }: EdgeParts): ReturnType<EdgeView['rejectedRows']> {
  return [...subscriber.rejected].map(({ kindOf, key, revision, problem }) => ({
    kind: kindOf,
    key,
    revision,
    problem,
  }));
}

function unreadyReasons(parts: EdgeParts): readonly string[] {
  const reasons: string[] = [];
  if (parts.isStopping()) reasons.push('the edge is draining');
  const { state, problem } = streamView(parts);
  if (state === 'connecting') {
    reasons.push(`the routing table is not loaded yet${problem === null ? '' : ` (${problem})`}`);
  }
  if (!parts.pool.status().some((worker) => worker.state === 'running')) reasons.push('no worker is running');
  if (!parts.listeners.isOpen) reasons.push('not every listener is open');
  return reasons;
}

/** An edge that began with a snapshot is stale from the start, not without a table. */
function streamView({ subscriber, snapshotAt }: EdgeParts): StreamView {
  const { state } = subscriber;
  if (state.kind === 'live') return { state: 'live', staleSeconds: 0, problem: null };
  const since = state.kind === 'stale' ? state.since : snapshotAt();
  if (since === null) return { state: 'connecting', staleSeconds: null, problem: state.problem };
  const staleSeconds = Math.max(0, (Date.now() - since.getTime()) / 1000);
  return { state: 'stale', staleSeconds, problem: state.problem };
}
