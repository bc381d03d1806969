import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { captureHello } from './hello.ts';
import type { BulkTask, LoadDone } from './task.ts';

/** What a TLS client writes at a time: one full record (RFC 8446 §5.1). */
const CHUNK_BYTES = 16 * 1024;
const READ_BUFFER_BYTES = 256 * 1024;

/** Rejects when a byte is missing. */
export async function loadBulk(task: BulkTask): Promise<LoadDone> {
  const hello = await captureHello(task.target.name);
  const bytes = Math.floor(task.bytes / task.parallel);
  const move = task.kind === 'download' ? download : upload;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: task.parallel }, () => move({ port: task.target.port, hello, bytes })),
  );
  return { kind: 'done', seconds: (performance.now() - begun) / 1000, latencyMs: null };
}

interface Transfer {
  readonly port: number;
  readonly hello: Buffer;
  readonly bytes: number;
}

async function download({ port, hello, bytes }: Transfer): Promise<void> {
  let received = 0;
  const socket = connect({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES),
      callback: (count) => {
        received += count;
        return true;
      },
    },
  });
  const closed = once(socket, 'close');
  socket.write(Buffer.concat([hello, count64(bytes)]));
  await closed;
  if (received !== bytes) throw new Error(`a download brought ${received} of ${bytes} bytes`);
}

async function upload({ port, hello, bytes }: Transfer): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const counted = readAll(socket);
  socket.write(hello);
  const chunk = Buffer.alloc(CHUNK_BYTES, 'u');
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
    const isTaken = socket.write(left < CHUNK_BYTES ? chunk.subarray(0, left) : chunk);
    // A socket that breaks while it waits rejects here, and `counted` must not reject unheard.
    if (!isTaken) await Promise.race([once(socket, 'drain'), counted]);
  }
  socket.end();
  const answer = await counted;
  const arrived = answer.length === 8 ? Number(answer.readBigUInt64BE()) - hello.length : null;
  if (arrived !== bytes)
    throw new Error(`${arrived ?? 'an unknown number'} of ${bytes} uploaded bytes arrived`);
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function count64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
