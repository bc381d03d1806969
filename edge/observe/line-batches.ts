import { fstatSync } from 'node:fs';
import pino from 'pino';

/** Written in one piece by the kernel to a pipe that several processes share (PIPE_BUF, pipe(7)). */
const PIPE_BATCH_BYTES = 4096;

/** A regular file takes any size in one piece, and each write costs a turn of the thread pool. */
const FILE_BATCH_BYTES = 64 * 1024;

/** What is kept for a reader that has stopped reading; more is dropped and counted. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

const FLUSH_INTERVAL_MS = 1000;

const NEWLINE = 0x0a;

/**
 * Gathers lines and writes them in batches, whole lines only.
 *
 * pino's own destination can buffer too, but measures everything that it has gathered again with each line, which at
 * thousands of lines a second costs more than the lines themselves. It does the writing here, one batch at a time.
 */
export class LineBatches {
  /** Lines that were given up because too much was waiting. */
  dropped = 0;

  readonly #out: Out;
  readonly #maxBytes: number;
  readonly #flushing: NodeJS.Timeout;
  /** The caller of `write` may use its bytes again; the destination keeps a batch until it is written. */
  #batch: Uint8Array | null = null;
  #size = 0;

  /** @param fd A file, pipe or terminal, which stays the caller's. */
  constructor(fd: number) {
    this.#maxBytes = fstatSync(fd).isFile() ? FILE_BATCH_BYTES : PIPE_BATCH_BYTES;
    this.#out = pino.destination({
      fd,
      sync: false,
      contentMode: 'buffer',
      maxLength: MAX_WAITING_BYTES,
      maxWrite: this.#maxBytes,
    }) as unknown as Out;
    this.#out.on('drop', (batch: Uint8Array) => {
      this.dropped += linesIn(batch);
    });
    // Nobody reads any more (EPIPE): the edge goes on without a log rather than ending with it.
    this.#out.on('error', () => {});
    this.#flushing = setInterval(() => this.#flush(), FLUSH_INTERVAL_MS).unref();
  }

  /** Copies a line, which ends with a newline. */
  write(line: Uint8Array): void {
    if (this.#size + line.length > this.#maxBytes) this.#flush();
    this.#batch ??= Buffer.allocUnsafeSlow(Math.max(this.#maxBytes, line.length));
    this.#batch.set(line, this.#size);
    this.#size += line.length;
  }

  /** Writes what was gathered before it returns. */
  close(): void {
    clearInterval(this.#flushing);
    this.#flush();
    try {
      this.#out.flushSync();
    } catch {
      // It has not opened yet or is closed already, and then there is nothing to write to.
    }
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch === null) return;
    this.#out.write(batch.subarray(0, this.#size));
    this.#batch = null;
    this.#size = 0;
  }
}

/** pino's destination with `contentMode: 'buffer'`, which its types do not know. */
interface Out {
  write(batch: Uint8Array): boolean;
  flushSync(): void;
  on(event: 'drop', listener: (batch: Uint8Array) => void): void;
  on(event: 'error', listener: () => void): void;
}

function linesIn(batch: Uint8Array): number {
  let lines = 0;
  for (const byte of batch) if (byte === NEWLINE) lines += 1;
  return lines;
}
