import { uint16 } from './uint.ts';

const TWO_BYTE_HEADER = 0x80;
const CLIENT_HELLO = 1;
const SSL_2_0 = 0x0002;
const MAJOR_VERSION = 3;

/** Type, version and the three lengths, one cipher spec, a challenge of 16 bytes. */
const MIN_MESSAGE_BYTES = 1 + 2 + 6 + 3 + 16;

/** The highest version that an SSLv2 hello offers, of which `looksLikeSslv2Hello` has made sure. */
export function sslv2HelloVersion(bytes: Uint8Array): number {
  return uint16(bytes, 3);
}

/**
 * Whether the bytes begin with SSLv2's CLIENT-HELLO, which offered TLS too (RFC 5246 Appendix E.2):
 *
 *     length with the high bit set (2) | 1 | version (2) | lengths of cipher specs, session id and challenge | …
 *
 * Null while there are too few to tell: it takes five.
 */
export function looksLikeSslv2Hello(bytes: Uint8Array): boolean | null {
  const [first = 0, second, type] = bytes;
  if ((first & TWO_BYTE_HEADER) === 0) return false;
  if (second === undefined) return null;
  if ((((first & 0x7f) << 8) | second) < MIN_MESSAGE_BYTES) return false;
  if (type === undefined) return null;
  if (type !== CLIENT_HELLO) return false;
  if (bytes.length < 5) return couldBeVersion(bytes[3]) ? null : false;
  return uint16(bytes, 3) === SSL_2_0 || bytes[3] === MAJOR_VERSION;
}

function couldBeVersion(major: number | undefined): boolean {
  return major === undefined || major === SSL_2_0 >> 8 || major === MAJOR_VERSION;
}
