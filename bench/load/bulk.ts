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
  const move = MOVES[task.kind];
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: task.parallel }, () => move({ port: task.target.port, hello, bytes })),
  );
  return { kind: 'done', seconds: (performance.now() - begun) / 1000, latencyMs: null };
}

const MOVES = { download, upload, both } as const;

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

async function upload(transfer: Transfer): Promise<void> {
  const { received, last } = await send(transfer);
  if (received !== 8 || last !== transfer.bytes)
    throw new Error(`of ${transfer.bytes} uploaded bytes ${last} arrived`);
}

/** On one connection, which is what makes it different from a download beside an upload. */
async function both(transfer: Transfer): Promise<void> {
  const { received, last } = await send(transfer);
  if (received !== transfer.bytes + 8 || last !== transfer.bytes)
    throw new Error(`of ${transfer.bytes} bytes each way ${received - 8} came and ${last} arrived`);
}

interface Taken {
  readonly received: number;
  /** The number in the last eight bytes. */
  readonly last: number;
}

/** Says how much comes and sends it; resolves with what had come when the other side ended. */
async function send({ port, hello, bytes }: Transfer): Promise<Taken> {
  const { socket, taken } = open(port);
  socket.write(Buffer.concat([hello, count64(bytes)]));
  const chunk = Buffer.alloc(CHUNK_BYTES, 'u');
  for (let left = bytes; left > 0 && !socket.destroyed; left -= CHUNK_BYTES) {
    const isTaken = socket.write(left < CHUNK_BYTES ? chunk.subarray(0, left) : chunk);
    // A socket that breaks while it waits rejects here, and `taken` must not reject unheard.
    if (!isTaken) await Promise.race([once(socket, 'drain'), taken]);
  }
  return taken;
}

function open(port: number): { readonly socket: Socket; readonly taken: Promise<Taken> } {
  let received = 0;
  let tail = Buffer.alloc(0);
  const socket = connect({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES),
      callback: (count, buffer) => {
        received += count;
        // Copied: the buffer is read into again.
        tail = Buffer.concat([tail, buffer.subarray(Math.max(0, count - 8), count)]).subarray(-8);
        return true;
      },
    },
  });
  const taken = once(socket, 'close').then(() => ({
    received,
    last: tail.length === 8 ? Number(tail.readBigUInt64BE()) : Number.NaN,
  }));
  return { socket, taken };
}

function count64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
