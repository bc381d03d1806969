/** CRC-32C (Castagnoli): reflected polynomial 0x82f63b78, all ones before and after (RFC 3720 Appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  return finish(add(START, bytes, 0, bytes.length));
}

/** The same of bytes whose four from `at` on are taken for zeroes, as where the checksum itself stands among them. */
export function crc32cWithout(bytes: Uint8Array, at: number): number {
  const before = add(START, bytes, 0, at);
  return finish(add(add(before, ZEROES, 0, ZEROES.length), bytes, at + ZEROES.length, bytes.length));
}

const START = -1;
const ZEROES = new Uint8Array(4);
const POLYNOMIAL = 0x82f63b78;

/** What a byte makes of an otherwise empty sum, after 0 to 3 more bytes, one behind the other. */
const TABLE = tableOf(4);

function tableOf(slices: number): Int32Array {
  const table = new Int32Array(256 * slices);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    }
    table[byte] = remainder;
  }
  for (let at = 256; at < table.length; at += 1) {
    const before = table[at - 256] ?? 0;
    table[at] = (before >>> 8) ^ (table[before & 0xff] ?? 0);
  }
  return table;
}

/** Four bytes at a time, whose four look-ups do not wait for each other, and the rest one by one. */
function add(crc: number, bytes: Uint8Array, start: number, end: number): number {
  let sum = crc;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    sum =
      (TABLE[768 + ((sum ^ (bytes[at] ?? 0)) & 0xff)] ?? 0) ^
      (TABLE[512 + (((sum >>> 8) ^ (bytes[at + 1] ?? 0)) & 0xff)] ?? 0) ^
      (TABLE[256 + (((sum >>> 16) ^ (bytes[at + 2] ?? 0)) & 0xff)] ?? 0) ^
      (TABLE[(sum >>> 24) ^ (bytes[at + 3] ?? 0)] ?? 0);
  }
  for (; at < end; at += 1) sum = (TABLE[(sum ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (sum >>> 8);
  return sum;
}

function finish(crc: number): number {
  return (crc ^ -1) >>> 0;
}
