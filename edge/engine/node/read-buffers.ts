import type net from 'node:net';

/** Where a socket reads to while little comes: shared by all, so that an idle connection holds no buffer. */
const SHARED_BYTES = 64 * 1024;

/** Where it reads to while much comes: large reads are what makes a bulk transfer cheap. */
const OWN_BYTES = 256 * 1024;

/** Own buffers at once at most: 16 MiB in a worker, however many connections are busy. */
const MAX_OWN = 64;

/** As long as this, what was read is written on from where it is. */
const BULK_BYTES = 64 * 1024;

/** A socket that would not be told to wait by a write of bulk, when that cannot be taken at once, would read over it. */
export const WRITE_MARK_BYTES = BULK_BYTES;

/** Shorter than this, a read ends the use of an own buffer. */
const LITTLE_BYTES = 16 * 1024;

/**
 * The memory that the sockets of one engine read into, by way of `onread` of `net.Socket`: no allocation for each read,
 * nothing that an idle connection holds on to, and no copy of what comes in bulk.
 *
 *     shared ──a full read──▶ own ──a short read──▶ shared
 *
 * Node asks for a socket's next buffer right after each of its reads, so that is when it changes between the two. Own
 * buffers are not pooled: a write that is under way may go on using one after its reader has closed.
 */
export class ReadBuffers {
  readonly #shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
  #owned = 0;
  #next: Buffer = this.#shared;

  /** The `onread` option. `onRead` is called with the socket as `this`, and answers whether to read on. */
  option(onRead: (this: net.Socket, length: number, buffer: Buffer) => boolean): net.OnReadOpts {
    return {
      buffer: () => {
        const next = this.#next;
        this.#next = this.#shared;
        return next;
      },
      callback: onRead as net.OnReadOpts['callback'],
    };
  }

  /** Whether bytes that were read may stay where they are for as long as the socket does not read again. */
  isBulk(length: number, buffer: Buffer): boolean {
    return length >= BULK_BYTES && buffer !== this.#shared;
  }

  /**
   * Chooses where the socket that has just read `length` bytes into `buffer` reads to next. Called once in each `onRead`,
   * last: a socket that is made in between would get the buffer. Answers whether it is one of its own, which the socket
   * has until the next `choose` or `release`.
   */
  choose(length: number, buffer: Buffer): boolean {
    if (buffer === this.#shared) {
      if (length < SHARED_BYTES || this.#owned >= MAX_OWN) return false;
      this.#owned += 1;
      this.#next = Buffer.allocUnsafeSlow(OWN_BYTES);
      return true;
    }
    if (length >= LITTLE_BYTES) {
      this.#next = buffer;
      return true;
    }
    this.release();
    return false;
  }

  /** A socket with a buffer of its own has closed. */
  release(): void {
    this.#owned -= 1;
  }
}
