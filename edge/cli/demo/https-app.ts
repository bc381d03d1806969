import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { TLSSocket } from 'node:tls';
import type { DemoCertificate } from './certificate.ts';
import { type ProxyFacts, readProxyHeader } from './proxy-header.ts';

export interface DemoServer {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** What a tenant's instance would be: an HTTPS server behind a PROXY v2 route, which tells what it knows of its client. */
export async function startHttpsApp(options: {
  readonly instance: string;
  readonly address: string;
  readonly port: number;
  readonly certificate: DemoCertificate;
}): Promise<DemoServer> {
  const { instance, certificate } = options;
  const clients = new WeakMap<object, ProxyFacts>();
  const app = https.createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    answer(request, response, instance, clients.get(request.socket) ?? null);
  });
  app.on('tlsClientError', (_error, socket) => socket.destroy());
  const known = new Map<string, ProxyFacts>();
  app.on('secureConnection', (socket: TLSSocket) => {
    const facts = known.get(`${socket.remoteAddress}:${socket.remotePort}`);
    if (facts !== undefined) clients.set(socket, facts);
  });
  return serve(options, (socket) => {
    readProxyHeader(socket).then(
      (facts) => {
        const peer = `${socket.remoteAddress}:${socket.remotePort}`;
        known.set(peer, facts);
        socket.on('close', () => known.delete(peer));
        app.emit('connection', socket);
      },
      () => socket.destroy(),
    );
  });
}

/** A protocol in which the server speaks first, and then says back what it hears. */
export async function startEcho(options: {
  readonly address: string;
  readonly port: number;
}): Promise<DemoServer> {
  return serve(options, (socket) => {
    socket.write('weir demo echo: say something\n');
    socket.pipe(socket);
  });
}

/** Listens on `port`, or on any free one where that is taken. */
async function serve(
  { address, port }: { readonly address: string; readonly port: number },
  onConnection: (socket: net.Socket) => void,
): Promise<DemoServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen({ host: address, port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (port === 0 || !(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE')
      throw error;
    return serve({ address, port: 0 }, onConnection);
  }
  const bound = server.address();
  return {
    address,
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  instance: string,
  client: ProxyFacts | null,
): void {
  const { socket } = request;
  const tls = socket instanceof TLSSocket ? socket : null;
  const lines = [
    `Hello from instance ${instance}.`,
    '',
    `  you asked for   ${request.headers.host ?? '(no Host)'}${request.url ?? ''}`,
    `  client          ${client === null ? 'unknown' : `${client.address} port ${client.port}`}  (PROXY v2; the connection itself is from ${socket.remoteAddress})`,
    `  name at weir    ${client?.authority ?? '(none)'}  (PROXY v2 authority)`,
    `  TLS here        ${tls?.getProtocol() ?? '?'}, ${tls?.getCipher().name ?? '?'}, SNI ${tls === null ? '?' : String(tls.servername)}`,
    '',
  ];
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-instance': instance });
  response.end(lines.join('\n'));
}
