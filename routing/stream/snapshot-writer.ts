import type { Logger } from 'pino';
import type { RowStore } from './row-store.ts';
import { writeSnapshot } from './snapshot-file.ts';

export interface SnapshotWriterOptions {
  readonly path: string;
  /** Milliseconds between the end of a write and the next one, at least. */
  readonly intervalMs: number;
}

/** A write may take at most about a tenth of the time: a large table under steady change must not be written without end. */
const REST_FOR_WORK = 10;

/**
 * Keeps the last-known-good file near the store: each `touch` is followed by a write, not more often than the interval
 * allows and never two at a time.
 *
 *     clean ──touch──► waiting ──timer──► writing ──ok──► clean
 *                         ▲                  │
 *                         └──touched / failed┘
 *
 * A write that fails is logged once, until one succeeds again, and is tried again at the interval.
 */
export class SnapshotWriter {
  readonly #store: RowStore;
  readonly #options: SnapshotWriterOptions;
  readonly #log: Logger;
  #isDirty = false;
  #isFailing = false;
  #isClosed = false;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #restMs: number;

  constructor(store: RowStore, options: SnapshotWriterOptions, log: Logger) {
    this.#store = store;
    this.#options = options;
    this.#log = log;
    this.#restMs = options.intervalMs;
  }

  /** Says that the store has changed. */
  touch(): void {
    this.#isDirty = true;
    this.#schedule();
  }

  /** Writes what is not on the disk yet, and nothing afterwards; resolves when the file is in place or has failed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#writing;
    if (this.#isDirty) await this.#write();
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer !== null || this.#writing !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#write().finally(() => {
        this.#writing = null;
        if (this.#isDirty) this.#schedule();
      });
    }, this.#restMs);
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    this.#isDirty = false;
    const start = performance.now();
    const write = await writeSnapshot(this.#options.path, this.#store);
    const tookMs = performance.now() - start;
    this.#restMs = Math.max(this.#options.intervalMs, tookMs * REST_FOR_WORK);
    if (write.kind === 'failed') {
      this.#isDirty = true;
      if (!this.#isFailing) {
        this.#log.error(
          { path: this.#options.path },
          `snapshot ${write.problem}; serving goes on, but a restart without the database would not have what changed`,
        );
      }
    } else if (this.#isFailing) {
      this.#log.info({ path: this.#options.path }, 'snapshot is written again');
    }
    this.#isFailing = write.kind === 'failed';
  }
}
