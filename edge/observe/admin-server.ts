import http from 'node:http';
import { Readable } from 'node:stream';
import type { Registry } from 'prom-client';
import type { EdgeView } from './edge-view.ts';
import { routeReport } from './route-report.ts';

export interface AdminServer {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

const INDEX = `weir admin server
/livez    200 while the process answers
/readyz   200 when the table is loaded and the listeners are open, else 503 and why not
/metrics  Prometheus
/routes   the routing table as JSON; ?search=TEXT, ?org=NAME
/edge     workers, listeners and the change stream as JSON
`;

/** A request is a line and a few headers from a tool on the same machine: whoever takes longer is not one. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Serves what an operator and their tools look at. Read only, and on loopback unless configured otherwise: it shows every
 * tenant's routes.
 *
 * Rejects with the system's error when the address cannot be listened on.
 */
export async function startAdminServer(
  place: { readonly address: string; readonly port: number },
  edge: EdgeView,
  metrics: Registry,
): Promise<AdminServer> {
  const server = http.createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      answer(request, response, edge, metrics).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else sendText(response, 500, `the edge could not answer: ${String(error)}\n`);
      });
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: place.address, port: place.port, exclusive: true }, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', () => {});
  const bound = server.address();
  return {
    address: place.address,
    port: typeof bound === 'object' && bound !== null ? bound.port : place.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  edge: EdgeView,
  metrics: Registry,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    sendText(response, 405, 'only GET and HEAD\n');
    return;
  }
  const url = new URL(request.url ?? '/', 'http://admin.invalid');
  switch (url.pathname) {
    case '/':
      sendText(response, 200, INDEX);
      return;
    case '/livez':
      sendText(response, 200, 'ok\n');
      return;
    case '/readyz': {
      const reasons = edge.unready();
      if (reasons.length === 0) sendText(response, 200, 'ready\n');
      else sendText(response, 503, `not ready: ${reasons.join('; ')}\n`);
      return;
    }
    case '/metrics':
      send(response, 200, metrics.contentType, await metrics.metrics());
      return;
    case '/routes': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const filter = { search: url.searchParams.get('search'), org: url.searchParams.get('org') };
      Readable.from(routeReport(edge, filter)).pipe(response);
      return;
    }
    case '/edge':
      send(response, 200, 'application/json', `${JSON.stringify(describeEdge(edge), null, 2)}\n`);
      return;
    default:
      sendText(response, 404, `there is no ${url.pathname} here\n\n${INDEX}`);
  }
}

function describeEdge(edge: EdgeView): object {
  return {
    node: edge.node,
    version: edge.version,
    engine: edge.engine,
    unready: edge.unready(),
    revision: edge.revision(),
    stream: edge.stream(),
    table: edge.table.sizes(),
    workers: edge.workers(),
    listeners: edge.listeners(),
    strayPorts: edge.strayPorts(),
    rejected: edge.rejectedRows(),
  };
}

function sendText(response: http.ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', text);
}

function send(response: http.ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
