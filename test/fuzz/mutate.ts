import type { Random } from './random.ts';

/** Bytes that limits are made of. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, 0x20, 0x0a, 0x0d];

/** What a mutation may draw on. */
export interface Stock {
  /** Other inputs, to take parts of. */
  readonly corpus: readonly Uint8Array[];
  /** Words of the format. */
  readonly words: readonly Uint8Array[];
  readonly maxBytes: number;
}

/** A changed copy: one change most of the time, several now and then. */
export function mutated(input: Uint8Array, stock: Stock, random: Random): Uint8Array {
  let bytes = Buffer.from(input);
  const changes = 1 + random.small(6);
  for (let change = 0; change < changes; change += 1) bytes = changed(bytes, stock, random);
  return bytes.length > stock.maxBytes ? bytes.subarray(0, stock.maxBytes) : bytes;
}

function changed(bytes: Buffer<ArrayBuffer>, { corpus, words }: Stock, random: Random): Buffer<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  switch (random.below(11)) {
    case 0:
      return with8(bytes, at, (byte) => byte ^ (1 << random.below(8)));
    case 1:
      return with8(bytes, at, () => random.of(EDGES));
    case 2:
      return with8(bytes, at, () => random.below(256));
    case 3:
      return with8(bytes, at, (byte) => byte + random.below(9) - 4);
    case 4:
      return spliced(
        bytes,
        at,
        random.small(32),
        random.oneIn(2) ? Buffer.alloc(random.small(32)) : noise(random),
      );
    case 5:
      return spliced(bytes, at, random.small(bytes.length + 1), NOTHING);
    case 6: {
      const from = random.below(bytes.length + 1);
      return spliced(bytes, at, 0, bytes.subarray(from, from + random.small(512)));
    }
    case 7:
      return words.length === 0 ? bytes : spliced(bytes, at, 0, random.of(words));
    case 8: {
      if (words.length === 0) return bytes;
      const word = random.of(words);
      return spliced(bytes, at, word.length, word);
    }
    case 9: {
      const other = random.of(corpus);
      const from = random.below(other.length + 1);
      return spliced(bytes, at, random.oneIn(2) ? bytes.length : random.small(64), other.subarray(from));
    }
    default:
      return bytes.subarray(0, at);
  }
}

const NOTHING = new Uint8Array(0);

function with8(
  bytes: Buffer<ArrayBuffer>,
  at: number,
  change: (byte: number) => number,
): Buffer<ArrayBuffer> {
  if (at < bytes.length) bytes[at] = change(bytes[at] ?? 0) & 0xff;
  return bytes;
}

function spliced(bytes: Buffer, at: number, removed: number, added: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}

function noise(random: Random): Uint8Array {
  return Uint8Array.from({ length: random.small(32) }, () => random.below(256));
}
