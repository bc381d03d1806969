import type net from 'node:net';
import type { ReadBuffers } from './read-buffers.ts';

/**
 * One direction of a connection: what is read from one socket, and how far the other one keeps up with it.
 *
 *     reading ──not taken at once──▶ held ──drained──▶ reading
 */
export class Flow {
  /** Read so far. */
  bytes = 0;
  /** The sender has ended its side. */
  hasEnded = false;

  readonly #from: net.Socket;
  readonly #buffers: ReadBuffers;
  #isHeld = false;
  #hasOwnBuffer = false;
  #hasWritten = false;
  #isUndelayed = false;

  constructor(from: net.Socket, buffers: ReadBuffers) {
    this.#from = from;
    this.#buffers = buffers;
  }

  /**
   * Writes what was just read into `buffer` to the receiver; answers whether to read on. Bulk is not copied, so the buffer
   * must not be read into again before the kernel has all of it; `drain` of the receiver tells when.
   */
  pass(to: net.Socket, length: number, buffer: Buffer): boolean {
    this.#noteWrite(to);
    const bytes = buffer.subarray(0, length);
    let goesOn: boolean;
    if (this.#buffers.isBulk(length, buffer)) {
      to.write(bytes);
      goesOn = to.writableLength === 0;
    } else {
      goesOn = to.write(Buffer.from(bytes));
    }
    this.#isHeld = !goesOn;
    return goesOn;
  }

  /** Writes what was gathered before there was a receiver. */
  passHeld(to: net.Socket, bytes: Uint8Array | null): void {
    if (bytes !== null) this.#noteWrite(to);
    if (bytes === null || to.write(bytes)) this.goOn();
    else this.hold();
  }

  /** Reads no more until `goOn`. From within a read, its answer must say so too. */
  hold(): void {
    this.#isHeld = true;
    this.#from.pause();
  }

  goOn(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#from.resume();
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Ends a read: counts it, and chooses where the next one goes. Last in a read, as `ReadBuffers.choose` wants it. */
  finishRead(length: number, buffer: Buffer): void {
    this.bytes += length;
    this.#hasOwnBuffer = this.#buffers.choose(length, buffer);
  }

  /** The sender's socket has closed. */
  close(): void {
    if (this.#hasOwnBuffer) this.#buffers.release();
    this.#hasOwnBuffer = false;
  }

  /**
   * Nagle's algorithm holds back a write only while an earlier one is not acknowledged, so it is switched off before the
   * second: most connections have only one in each direction, and save the system call.
   */
  #noteWrite(to: net.Socket): void {
    if (this.#hasWritten && !this.#isUndelayed) {
      this.#isUndelayed = true;
      to.setNoDelay(true);
    }
    this.#hasWritten = true;
  }
}
