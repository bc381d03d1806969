/**
 * Bytes that come in pieces, put together at a cost that is linear in their number. The memory is at most twice what
 * came: nothing that a client says about what will come counts.
 */
export class GrowingBytes {
  #room: Uint8Array;
  #size: number;

  /** Copies `start`. */
  constructor(start: Uint8Array) {
    this.#room = new Uint8Array(2 * start.length);
    this.#room.set(start);
    this.#size = start.length;
  }

  /** Bytes of memory that it takes. */
  get room(): number {
    return this.#room.length;
  }

  /** Answers all bytes so far. They stay as they are; a later answer may share memory with them. */
  append(bytes: Uint8Array): Uint8Array {
    const size = this.#size + bytes.length;
    if (size > this.#room.length) {
      const larger = new Uint8Array(2 * size);
      larger.set(this.#room.subarray(0, this.#size));
      this.#room = larger;
    }
    this.#room.set(bytes, this.#size);
    this.#size = size;
    return this.#room.subarray(0, size);
  }
}
