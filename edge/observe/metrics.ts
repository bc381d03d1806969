import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { REASONS } from '../connection/outcome.ts';
import { COUNTER, DIAL_BUCKETS_S } from './counters.ts';
import type { EdgeView } from './edge-view.ts';

/**
 * Everything that `/metrics` shows, read from the edge at each scrape.
 *
 * Labels are closed sets: reasons, directions, and the names of listeners in the configuration.
 */
export function createMetrics(edge: EdgeView): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerConnections(registry, edge);
  registerTable(registry, edge);
  registerProcesses(registry, edge);
  return registry;
}

function registerConnections(registry: Registry, edge: EdgeView): void {
  total(
    registry,
    'weir_connections_total',
    'Connections that have ended, by how.',
    ['listener', 'reason'],
    (add) => {
      eachListener(edge, (listener, row) => {
        REASONS.forEach((reason, index) => {
          add({ listener, reason }, row[COUNTER.reasons + index] ?? 0);
        });
      });
    },
  );
  total(
    registry,
    'weir_relayed_bytes_total',
    'Bytes read from clients (to_backend) and from backends (to_client), counted when the connection ends.',
    ['listener', 'direction'],
    (add) => {
      eachListener(edge, (listener, row) => {
        add({ listener, direction: 'to_backend' }, row[COUNTER.bytesFromClient] ?? 0);
        add({ listener, direction: 'to_client' }, row[COUNTER.bytesFromBackend] ?? 0);
      });
    },
  );
  total(
    registry,
    'weir_dials_total',
    'Backend addresses dialled, failed ones included.',
    ['listener'],
    (add) => {
      eachListener(edge, (listener, row) => {
        add({ listener }, row[COUNTER.dials] ?? 0);
      });
    },
  );
  registry.registerMetric(dialHistogram(edge));
  gauge(registry, 'weir_live_connections', 'Connections accepted and not yet ended.', [], (set) => {
    set(
      {},
      edge.workers().reduce((sum, { liveConnections }) => sum + liveConnections, 0),
    );
  });
}

function registerTable(registry: Registry, edge: EdgeView): void {
  gauge(
    registry,
    'weir_revision',
    'The revision that the primary has taken from the database.',
    [],
    (set) => {
      set({}, edge.revision());
    },
  );
  gauge(registry, 'weir_worker_revision', 'The revision that a worker routes by.', ['worker'], (set) => {
    for (const { id, revision } of edge.workers()) set({ worker: String(id) }, revision);
  });
  gauge(registry, 'weir_table_rows', 'Rows of the routing table.', ['kind'], (set) => {
    const { routes, ports, endpoints, readyEndpoints } = edge.table.sizes();
    set({ kind: 'route' }, routes);
    set({ kind: 'port' }, ports);
    set({ kind: 'endpoint' }, endpoints);
    set({ kind: 'ready_endpoint' }, readyEndpoints);
    set({ kind: 'rejected' }, edge.rejectedRows().length);
  });
  gauge(registry, 'weir_stream_live', '1 while changes arrive from the database.', [], (set) => {
    set({}, edge.stream().state === 'live' ? 1 : 0);
  });
  gauge(
    registry,
    'weir_stream_stale_seconds',
    'How long the table has not been known to be current; -1 if it never was.',
    [],
    (set) => {
      set({}, edge.stream().staleSeconds ?? -1);
    },
  );
}

function registerProcesses(registry: Registry, edge: EdgeView): void {
  gauge(registry, 'weir_ready', '1 while the edge can be given traffic.', [], (set) => {
    set({}, edge.unready().length === 0 ? 1 : 0);
  });
  gauge(registry, 'weir_workers', 'Worker processes.', ['state'], (set) => {
    for (const state of ['starting', 'running', 'leaving']) {
      set({ state }, edge.workers().filter((worker) => worker.state === state).length);
    }
  });
  gauge(registry, 'weir_listeners', 'Listening sockets.', ['listener', 'state'], (set) => {
    const listeners = edge.listeners();
    for (const listener of edge.counterListeners) {
      for (const state of ['opening', 'open', 'failed']) {
        set({ listener, state }, listeners.filter((l) => l.name === listener && l.state === state).length);
      }
    }
  });
  total(
    registry,
    'weir_worker_restarts_total',
    'Workers that ended unexpectedly and were replaced.',
    [],
    (add) => {
      add({}, edge.workerRestarts());
    },
  );
  total(
    registry,
    'weir_log_lines_dropped_total',
    'Access log lines that standard output did not take.',
    [],
    (add) => {
      add({}, edge.droppedLogLines());
    },
  );
  gauge(
    registry,
    'weir_build_info',
    'Always 1; what is running is in the labels.',
    ['version', 'node', 'engine'],
    (set) => {
      set({ version: edge.version, node: process.version, engine: edge.engine }, 1);
    },
  );
}

type Labels = Readonly<Record<string, string>>;
type Put = (labels: Labels, value: number) => void;

/** A counter whose totals are kept elsewhere and only shown here. */
function total(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  read: (add: Put) => void,
): void {
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      read((labels, value) => this.inc({ ...labels }, value));
    },
  });
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  read: (set: Put) => void,
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      read((labels, value) => this.set({ ...labels }, value));
    },
  });
}

function eachListener(edge: EdgeView, visit: (listener: string, row: readonly number[]) => void): void {
  const counters = edge.counters();
  edge.counterListeners.forEach((listener, index) => {
    visit(listener, counters[index] ?? []);
  });
}

/** prom-client's own histogram can only observe values one by one; ours arrive as buckets that are already counted. */
function dialHistogram(edge: EdgeView): Metric {
  const name = 'weir_dial_duration_seconds';
  const get = async () => {
    const values: { metricName: string; labels: Labels; value: number }[] = [];
    eachListener(edge, (listener, row) => {
      const count = row[COUNTER.dialCount] ?? 0;
      let cumulative = 0;
      DIAL_BUCKETS_S.forEach((bound, index) => {
        cumulative += row[COUNTER.dialBuckets + index] ?? 0;
        values.push({
          metricName: `${name}_bucket`,
          labels: { listener, le: String(bound) },
          value: cumulative,
        });
      });
      values.push({ metricName: `${name}_bucket`, labels: { listener, le: '+Inf' }, value: count });
      values.push({ metricName: `${name}_sum`, labels: { listener }, value: row[COUNTER.dialSeconds] ?? 0 });
      values.push({ metricName: `${name}_count`, labels: { listener }, value: count });
    });
    return {
      name,
      help: 'From the decision to an established backend connection.',
      type: 'histogram',
      values,
      aggregator: 'sum',
    };
  };
  return { name, get, getForPromString: get, reset() {} } as unknown as Metric;
}
