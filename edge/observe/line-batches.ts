import { fstatSync } from 'node:fs';
import pino, { type DestinationStream } from 'pino';

/** Written in one piece by the kernel to a pipe that several processes share (PIPE_BUF, pipe(7)). */
const PIPE_BATCH_BYTES = 4096;

/** A regular file takes any size in one piece, and each write costs a turn of the thread pool. */
const FILE_BATCH_BYTES = 64 * 1024;

/** What is kept for a reader that has stopped reading; more is dropped and counted. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

const FLUSH_INTERVAL_MS = 1000;

/**
 * Gathers lines and writes them in batches, whole lines only.
 *
 * pino's own destination can buffer too, but measures everything that it has gathered again with each line, which at
 * thousands of lines a second costs more than the lines themselves. It does the writing here, one batch at a time.
 */
export class LineBatches implements DestinationStream {
  /** Lines that were given up because too much was waiting. */
  dropped = 0;

  readonly #out: ReturnType<typeof pino.destination>;
  readonly #maxBytes: number;
  readonly #flushing: NodeJS.Timeout;
  #batch = '';

  /** @param fd A file, pipe or terminal, which stays the caller's. */
  constructor(fd: number) {
    this.#maxBytes = fstatSync(fd).isFile() ? FILE_BATCH_BYTES : PIPE_BATCH_BYTES;
    this.#out = pino.destination({ fd, sync: false, maxLength: MAX_WAITING_BYTES, maxWrite: this.#maxBytes });
    this.#out.on('drop', (batch: string) => {
      this.dropped += batch.split('\n').length - 1;
    });
    // Nobody reads any more (EPIPE): the edge goes on without a log rather than ending with it.
    this.#out.on('error', () => {});
    this.#flushing = setInterval(() => this.#flush(), FLUSH_INTERVAL_MS).unref();
  }

  /** Lines are ASCII in all but name, so their length is their size. */
  write(line: string): void {
    if (this.#batch.length + line.length > this.#maxBytes) this.#flush();
    this.#batch += line;
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
    if (this.#batch === '') return;
    const batch = this.#batch;
    this.#batch = '';
    this.#out.write(batch);
  }
}
