import { once } from 'node:events';
import net from 'node:net';
import type { ExecutionContext } from 'ava';

/** A server on a free loopback port that is gone with the test, and every socket that it accepted with it. */
export interface TestServer {
  readonly address: string;
  readonly port: number;
  readonly sockets: ReadonlySet<net.Socket>;
  /** The next connection that nobody has taken yet. */
  accept(): Promise<net.Socket>;
  close(): Promise<void>;
}

export async function startTestServer(
  t: ExecutionContext,
  options: {
    readonly address?: string;
    readonly port?: number;
    readonly onConnection?: (socket: net.Socket) => void;
  } = {},
): Promise<TestServer> {
  const sockets = new Set<net.Socket>();
  const waiting: ((socket: net.Socket) => void)[] = [];
  const untaken: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    if (options.onConnection !== undefined) options.onConnection(socket);
    else {
      const taker = waiting.shift();
      if (taker === undefined) untaken.push(socket);
      else taker(socket);
    }
  });
  server.listen(options.port ?? 0, options.address ?? '127.0.0.1');
  await once(server, 'listening');
  const { address, port } = server.address() as net.AddressInfo;
  const close = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  t.teardown(close);
  return {
    address,
    port,
    sockets,
    close,
    accept: () => {
      const socket = untaken.shift();
      return socket === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(socket);
    },
  };
}

/** A connected client that is gone with the test. Errors are kept in `errorOf`, never thrown. */
export async function connect(
  t: ExecutionContext,
  place: { readonly address: string; readonly port: number },
  /** Where from; all of 127.0.0.0/8 is there to choose from. */
  localAddress?: string,
): Promise<net.Socket> {
  const { address: host, port } = place;
  const socket = net.connect({
    host,
    port,
    allowHalfOpen: true,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  errors.set(socket, null);
  socket.on('error', (error: NodeJS.ErrnoException) => errors.set(socket, error.code ?? error.message));
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const errors = new WeakMap<net.Socket, string | null>();

/** The code of the error that a `connect`ed socket ended with, or null. */
export function errorOf(socket: net.Socket): string | null {
  return errors.get(socket) ?? null;
}

/** Everything up to the peer's end, or up to an error. Does not end our own side. */
export async function readAll(socket: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.readableEnded && !socket.destroyed) {
    await new Promise<void>((resolve) => {
      socket.once('end', resolve).once('close', () => resolve());
    });
  }
  return Buffer.concat(chunks);
}

/** Exactly `length` bytes, or what came before the end. */
export async function readBytes(socket: net.Socket, length: number): Promise<Buffer> {
  let got = Buffer.alloc(0);
  return new Promise((resolve) => {
    const finish = () => {
      socket.off('data', take).off('end', finish).off('close', finish);
      socket.pause();
      resolve(got);
    };
    const take = (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      if (got.length < length) return;
      const rest = got.subarray(length);
      got = got.subarray(0, length);
      finish();
      if (rest.length > 0) socket.unshift(rest);
    };
    socket.on('data', take).on('end', finish).on('close', finish);
    socket.resume();
  });
}

export async function closed(socket: net.Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close').catch(() => {});
}
