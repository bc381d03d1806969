const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
const ZERO = 0x30;
const SPACE = 0x20;
const DELETE = 0x7f;

const START_BYTES = 1024;
/** A number of any size, or `false`, with room to spare. */
const MOST_SHORT_BYTES = 32;

/** Below it a number is written by integer arithmetic. */
const BILLION = 1e9;

/** A piece of JSON that is always the same: keys with what stands around them. */
export type JsonPiece = Uint8Array;

/** @param text ASCII. */
export function jsonPiece(text: string): JsonPiece {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const NULL = jsonPiece('null');
const TRUE = jsonPiece('true');
const FALSE = jsonPiece('false');

/**
 * Writes JSON as bytes into a buffer that is used again for each line. For lines in great number: to build strings, put
 * them together and encode them costs ten times as much.
 */
export class JsonLine {
  #bytes = new Uint8Array(START_BYTES);
  #length = 0;

  /** What was written since `begin`. Holds until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  begin(): void {
    this.#length = 0;
  }

  piece(piece: JsonPiece): void {
    const { length } = piece;
    this.#reserve(length);
    const bytes = this.#bytes;
    let to = this.#length;
    for (let at = 0; at < length; at += 1, to += 1) bytes[to] = piece[at] ?? 0;
    this.#length = to;
  }

  text(text: string | null): void {
    if (text === null) {
      this.piece(NULL);
      return;
    }
    const { length } = text;
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    let to = this.#length;
    bytes[to] = QUOTE;
    to += 1;
    for (let at = 0; at < length; at += 1, to += 1) {
      const code = text.charCodeAt(at);
      if (code < SPACE || code >= DELETE || code === QUOTE || code === BACKSLASH) {
        this.#escaped(text);
        return;
      }
      bytes[to] = code;
    }
    bytes[to] = QUOTE;
    this.#length = to + 1;
  }

  boolean(value: boolean): void {
    this.piece(value ? TRUE : FALSE);
  }

  /** @param value Whole, and not negative. */
  integer(value: number | null): void {
    if (value === null) {
      this.piece(NULL);
      return;
    }
    this.#reserve(MOST_SHORT_BYTES);
    if (value < BILLION) {
      this.#digits(value, 1);
      return;
    }
    const high = Math.floor(value / BILLION);
    if (high >= BILLION) {
      this.piece(jsonPiece(String(value)));
      return;
    }
    this.#digits(high, 1);
    this.#digits(value - high * BILLION, 9);
  }

  /** To the microsecond, without zeroes at the end: more is noise, and noise is bytes. @param ms Not negative. */
  milliseconds(ms: number | null): void {
    if (ms === null) {
      this.piece(NULL);
      return;
    }
    const microseconds = Math.round(ms * 1000);
    const whole = Math.floor(microseconds / 1000);
    this.integer(whole);
    let fraction = microseconds - whole * 1000;
    if (fraction === 0) return;
    let digits = 3;
    while (fraction % 10 === 0) {
      fraction /= 10;
      digits -= 1;
    }
    this.#bytes[this.#length] = DOT;
    this.#length += 1;
    this.#digits(fraction, digits);
  }

  /** At least `least` digits. The room is there, and the value below a billion. */
  #digits(value: number, least: number): void {
    let count = 1;
    for (let bound = 10; bound <= value; bound *= 10) count += 1;
    if (count < least) count = least;
    let left = value | 0;
    for (let to = this.#length + count - 1; to >= this.#length; to -= 1) {
      const rest = (left / 10) | 0;
      this.#bytes[to] = ZERO + (left - rest * 10);
      left = rest;
    }
    this.#length += count;
  }

  #escaped(text: string): void {
    const encoded = Buffer.from(JSON.stringify(text));
    this.#reserve(encoded.length);
    this.#bytes.set(encoded, this.#length);
    this.#length += encoded.length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * needed);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
