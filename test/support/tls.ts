import { once } from 'node:events';
import type net from 'node:net';
import tls from 'node:tls';
import { generate } from 'selfsigned';
import type { Scope } from './scope.ts';
import { within } from './until.ts';

/** Every name right below it is in the certificate of the test backends. */
export const TEST_DOMAIN = 'system.test';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Made once for each process; a client that has it as its `ca` trusts it and nothing else. */
export function testCertificate(): Promise<Certificate> {
  certificate ??= generate([{ name: 'commonName', value: 'weir test' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: DNS_NAME, value: `*.${TEST_DOMAIN}` }] },
    ],
  }).then(({ cert, private: key }) => ({ cert, key }));
  return certificate;
}

let certificate: Promise<Certificate> | null = null;

/** GeneralName, RFC 5280 §4.2.1.6. */
const DNS_NAME = 2;

export interface TlsBackend {
  readonly port: number;
  /** Handshakes completed so far. */
  readonly handshakes: number;
}

/**
 * A TLS server on a loopback port of its own, gone with the scope. `serve` is given each connection after its handshake,
 * which stays half-open where the client has ended; by default it says everything back.
 */
export async function startTlsBackend(
  scope: Scope,
  options: {
    readonly address?: string;
    readonly port?: number;
    /** Protocols that it speaks; where a client offers others only, the handshake fails. @default it takes no notice of them */
    readonly alpn?: readonly string[];
    readonly serve?: (socket: tls.TLSSocket) => void;
  } = {},
): Promise<TlsBackend> {
  const { address = '127.0.0.1', port = 0, alpn, serve = echo } = options;
  const sockets = new Set<net.Socket>();
  const speaks = alpn === undefined ? {} : { ALPNProtocols: [...alpn] };
  const server = tls.createServer({ ...(await testCertificate()), ...speaks, allowHalfOpen: true });
  const backend = { port: 0, handshakes: 0 };
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    backend.handshakes += 1;
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(port, address);
  await once(server, 'listening');
  backend.port = (server.address() as net.AddressInfo).port;
  scope.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return backend;
}

function echo(socket: tls.TLSSocket): void {
  socket.pipe(socket);
}

export interface TlsTarget {
  readonly port: number;
  /** @default '::1' */
  readonly address?: string;
  /** Sent as SNI and checked against the certificate; null sends none. */
  readonly serverName: string | null;
}

/** A client whose handshake is done and whose backend has shown the test certificate; gone with the scope. */
export async function connectTls(scope: Scope, target: TlsTarget): Promise<tls.TLSSocket> {
  const socket = await begin(target);
  scope.teardown(() => socket.destroy());
  await within(`a handshake with ${target.serverName}`, once(socket, 'secureConnect'));
  return socket;
}

/** Connects, sends a text and waits for it to come back, and is gone. Rejects where any of it fails. */
export async function echoOnce(target: TlsTarget, text = 'hello'): Promise<void> {
  const socket = await begin(target);
  try {
    await within(`a handshake with ${target.serverName}`, once(socket, 'secureConnect'));
    await exchange(socket, text);
    socket.end();
  } finally {
    socket.destroy();
  }
}

/** Sends a text and waits for it to come back. */
export async function exchange(socket: net.Socket, text: string): Promise<void> {
  let got = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const take = (chunk: Buffer) => {
    got += chunk.toString();
    if (got.length >= text.length) resolve();
  };
  const fail = (error?: Error) => reject(error ?? new Error(`closed after ${JSON.stringify(got)}`));
  socket.on('data', take).on('error', fail).on('close', fail);
  socket.write(text);
  try {
    await within(`the echo of ${JSON.stringify(text)}`, promise);
    if (got !== text) throw new Error(`got ${JSON.stringify(got)} for ${JSON.stringify(text)}`);
  } finally {
    socket.off('data', take).off('error', fail).off('close', fail);
  }
}

/** The number of the fatal alert that ends a handshake (RFC 8446 §6.2); rejects where it ends otherwise. */
export async function alertOf(target: TlsTarget): Promise<number> {
  const socket = await begin(target);
  try {
    await within(`an alert for ${target.serverName}`, once(socket, 'secureConnect'));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, number] = /SSL alert number (\d+)/.exec(message) ?? [];
    if (number === undefined) throw error;
    return Number(number);
  } finally {
    socket.destroy();
  }
  throw new Error(`the handshake with ${target.serverName} succeeded`);
}

async function begin({ port, address = '::1', serverName }: TlsTarget): Promise<tls.TLSSocket> {
  const { cert } = await testCertificate();
  // `allowHalfOpen` is documented for tls.connect, and missing in its types.
  const options: tls.ConnectionOptions & { allowHalfOpen: boolean } = {
    port,
    host: address,
    ca: cert,
    allowHalfOpen: true,
    servername: serverName ?? '',
    ...(serverName === null ? { checkServerIdentity: () => undefined } : {}),
  };
  const socket = tls.connect(options);
  socket.on('error', () => {}); // whoever waits for something hears of it there
  return socket;
}
