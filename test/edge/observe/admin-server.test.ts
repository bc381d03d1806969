import test, { type ExecutionContext } from 'ava';
import { startAdminServer } from '../../../edge/observe/admin-server.ts';
import { Counters } from '../../../edge/observe/counters.ts';
import type { EdgeView } from '../../../edge/observe/edge-view.ts';
import { createMetrics } from '../../../edge/observe/metrics.ts';
import { RouteTable } from '../../../routing/table/route-table.ts';
import { endpointRow, portRow, routeRow } from '../../routing/table/sample-rows.ts';

async function start(t: ExecutionContext, changes: Partial<EdgeView> = {}): Promise<string> {
  const table = new RouteTable();
  table.apply(endpointRow('i1'));
  table.apply(routeRow('app.example.com'));
  table.apply(routeRow('down.example.com', { process: 'down' }));
  table.apply(portRow(20_000));
  const counters = new Counters(['tls']);
  const view: EdgeView = {
    node: 'edge-1',
    version: '1.2.3',
    engine: 'node',
    table,
    unready: () => [],
    revision: () => 9,
    stream: () => ({ state: 'live', staleSeconds: 0, problem: null }),
    rejectedRows: () => [{ kind: 'route', key: 'tls/bad', revision: 3, problem: 'backendPort is 0' }],
    workers: () => [{ id: 1, pid: 10, state: 'running', revision: 9, liveConnections: 2 }],
    listeners: () => [],
    strayPorts: () => [{ address: null, port: 20_000 }],
    counters: () => counters.snapshot(),
    counterListeners: ['tls'],
    workerRestarts: () => 1,
    droppedLogLines: () => 0,
    ...changes,
  };
  const server = await startAdminServer({ address: '127.0.0.1', port: 0 }, view, createMetrics(view));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

interface Report {
  readonly node: string;
  readonly revision: number;
  readonly routes: readonly {
    readonly hostname: string;
    readonly isLive: boolean;
    readonly reason: string | null;
  }[];
  readonly ports: readonly object[];
  readonly rejected: readonly { readonly key: string }[];
}

async function getReport(url: string): Promise<Report> {
  return (await (await fetch(url)).json()) as Report;
}

test('/routes shows each route with whether it is live and why not, and the rows that were rejected', async (t) => {
  const url = await start(t);
  const report = await getReport(`${url}/routes`);
  t.like(report, { node: 'edge-1', revision: 9 });
  t.deepEqual(
    report.routes.map(({ hostname, isLive, reason }) => [hostname, isLive, reason]),
    [
      ['app.example.com', true, null],
      ['down.example.com', false, 'no-endpoint'],
    ],
  );
  t.like(report.ports[0] ?? {}, { port: 20_000, isLive: false, reason: 'outside-listener-ranges' });
  t.is(report.rejected[0]?.key, 'tls/bad');
});

test('/routes narrows to a search and to an org', async (t) => {
  const url = await start(t);
  const found = await getReport(`${url}/routes?search=down.`);
  t.is(found.routes.length, 1);
  const none = await getReport(`${url}/routes?org=nobody`);
  t.is(none.routes.length, 0);
  t.is(none.ports.length, 0);
});

test('/readyz says why an edge is not ready', async (t) => {
  const ready = await fetch(`${await start(t)}/readyz`);
  t.is(ready.status, 200);
  const unready = await fetch(`${await start(t, { unready: () => ['the edge is draining'] })}/readyz`);
  t.is(unready.status, 503);
  t.is(await unready.text(), 'not ready: the edge is draining\n');
});

test('/metrics shows every series in the text format, the histogram of dial times too', async (t) => {
  const text = await (await fetch(`${await start(t)}/metrics`)).text();
  t.regex(text, /^weir_revision 9$/m);
  t.regex(text, /^weir_table_rows\{kind="rejected"\} 1$/m);
  t.regex(text, /^weir_connections_total\{listener="tls",reason="completed"\} 0$/m);
  t.regex(text, /^# TYPE weir_dial_duration_seconds histogram$/m);
  t.regex(text, /^weir_dial_duration_seconds_bucket\{listener="tls",le="\+Inf"\} 0$/m);
  t.regex(text, /^weir_worker_restarts_total 1$/m);
});

test('a scrape after another shows the same totals, not their sum', async (t) => {
  const url = await start(t);
  await (await fetch(`${url}/metrics`)).text();
  t.regex(await (await fetch(`${url}/metrics`)).text(), /^weir_worker_restarts_total 1$/m);
});

test('anything but GET and HEAD is refused, and an unknown path says what there is', async (t) => {
  const url = await start(t);
  t.is((await fetch(`${url}/routes`, { method: 'POST' })).status, 405);
  const missing = await fetch(`${url}/nothing`);
  t.is(missing.status, 404);
  t.regex(await missing.text(), /\/readyz/);
  t.is((await fetch(`${url}/routes`, { method: 'HEAD' })).status, 200);
});
