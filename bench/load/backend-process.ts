import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { recordLength } from './hello.ts';
import { ANSWER, BANNER, type BackendPorts } from './task.ts';

/** What a TLS server writes at a time: one full record (RFC 8446 §5.1). */
const CHUNK = Buffer.alloc(16 * 1024, 'd');
const BACKLOG = 4096;

process.on('disconnect', () => process.exit());
process.send?.({
  answer: await serve(answerOnce),
  source: await serve(sendWhatIsWanted),
  sink: await serve(countAll),
  echo: await serve((socket) => socket.pipe(socket)),
  banner: await serve((socket) => socket.end(BANNER)),
} satisfies BackendPorts);

/** Listens on a free port of 127.0.0.1 and returns it. */
async function serve(handle: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    // The load process sees and reports what breaks.
    socket.on('error', () => socket.destroy());
    handle(socket);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}

function answerOnce(socket: Socket): void {
  socket.once('data', () => socket.end(ANSWER, 'latin1'));
}

function sendWhatIsWanted(socket: Socket): void {
  let request = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    request = Buffer.concat([request, chunk]);
    const helloBytes = recordLength(request);
    if (helloBytes === null || request.length < helloBytes + 8) return;
    socket.removeAllListeners('data').resume();
    sendBytes(socket, Number(request.readBigUInt64BE(helloBytes)));
  });
}

function sendBytes(socket: Socket, bytes: number): void {
  let left = bytes;
  const fill = (): void => {
    while (left > 0) {
      const size = Math.min(left, CHUNK.length);
      left -= size;
      if (!socket.write(size < CHUNK.length ? CHUNK.subarray(0, size) : CHUNK)) return;
    }
    socket.off('drain', fill).end();
  };
  socket.on('drain', fill);
  fill();
}

function countAll(socket: Socket): void {
  let received = 0;
  socket.on('data', (chunk) => {
    received += chunk.length;
  });
  socket.on('end', () => {
    const count = Buffer.alloc(8);
    count.writeBigUInt64BE(BigInt(received));
    socket.end(count);
  });
}
