import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createCertificate } from './certificate.ts';
import { recordLength } from './hello.ts';
import { ANSWER, BANNER, type BackendPorts } from './task.ts';

/** What a TLS server writes at a time: one full record (RFC 8446 §5.1). */
const CHUNK = Buffer.alloc(16 * 1024, 'd');
const BACKLOG = 4096;
const KEEP_ALIVE_MS = 60_000;

process.on('disconnect', () => process.exit());
const certificate = await createCertificate();
process.send?.({
  answer: await serve(answerOnce),
  source: await serve((socket) =>
    onAnnounced(socket, (bytes) => sendBytes(socket, bytes, () => socket.end())),
  ),
  sink: await serve((socket) => countAnnounced(socket, () => Promise.resolve())),
  duplex: await serve((socket) =>
    countAnnounced(socket, (bytes) => new Promise((resolve) => sendBytes(socket, bytes, resolve))),
  ),
  echo: await serve(echoAll),
  echo2: await serve(echoAll),
  echo3: await serve(echoAll),
  echo4: await serve(echoAll),
  tls: await listen(createTlsServer(certificate, (socket) => socket.on('error', () => {}).resume())),
  https: await listen(
    createHttpsServer({ ...certificate, keepAliveTimeout: KEEP_ALIVE_MS }, (_, response) =>
      response.end(ANSWER),
    ),
  ),
  banner: await serve((socket) => socket.end(BANNER)),
} satisfies BackendPorts);

function serve(handle: (socket: Socket) => void): Promise<number> {
  return listen(
    createServer({ allowHalfOpen: true }, (socket) => {
      // The load process sees and reports what breaks.
      socket.on('error', () => socket.destroy());
      handle(socket);
    }),
  );
}

/** Listens on a free port of 127.0.0.1 and returns it. */
async function listen(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}

function answerOnce(socket: Socket): void {
  socket.once('data', () => socket.end(ANSWER, 'latin1'));
}

function echoAll(socket: Socket): void {
  socket.pipe(socket);
}

/** Calls `begin` once with the number that follows the hello, and `rest` with the size of all that comes after, as it comes. */
function onAnnounced(
  socket: Socket,
  begin: (bytes: number) => void,
  rest: (bytes: number) => void = () => {},
): void {
  let request = Buffer.alloc(0);
  let isKnown = false;
  socket.on('data', (chunk) => {
    if (isKnown) {
      rest(chunk.length);
      return;
    }
    request = Buffer.concat([request, chunk]);
    const helloBytes = recordLength(request);
    if (helloBytes === null || request.length < helloBytes + 8) return;
    isKnown = true;
    begin(Number(request.readBigUInt64BE(helloBytes)));
    rest(request.length - helloBytes - 8);
  });
}

function sendBytes(socket: Socket, bytes: number, done: () => void): void {
  let left = bytes;
  const fill = (): void => {
    while (left > 0) {
      const size = Math.min(left, CHUNK.length);
      left -= size;
      if (!socket.write(size < CHUNK.length ? CHUNK.subarray(0, size) : CHUNK)) return;
    }
    socket.off('drain', fill);
    done();
  };
  socket.on('drain', fill);
  fill();
}

/** Ends when as much has come as was announced, and what else there is to do is done: not every proxy relays a half-close. */
function countAnnounced(socket: Socket, meanwhile: (bytes: number) => Promise<void>): void {
  let expected = Number.POSITIVE_INFINITY;
  let received = 0;
  let besides = Promise.resolve();
  onAnnounced(
    socket,
    (bytes) => {
      expected = bytes;
      besides = meanwhile(bytes);
    },
    (bytes) => {
      received += bytes;
      if (received >= expected) besides.then(() => socket.end(count64(received)));
    },
  );
}

function count64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
