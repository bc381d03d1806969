import { ipv4Text, ipv6Text } from './ip-text.ts';
import type { ProxyHeader, ProxyHeaderPeek, ProxyTlvs } from './proxy-header.ts';
import {
  FIXED_BYTES,
  INET_BYTES,
  INET6_BYTES,
  STREAM_OVER_INET,
  STREAM_OVER_INET6,
  STREAM_OVER_UNIX,
  UNIX_BYTES,
  UNSPECIFIED,
  VERSION_2_LOCAL,
  VERSION_2_PROXY,
} from './proxy-v2-format.ts';
import { NO_TLVS, readTlvs } from './proxy-v2-tlvs.ts';
import { uint8, uint16 } from './uint.ts';

/**
 * The whole header at most. The length field could claim 64 KiB; the specification wants a header to fit the smallest
 * segment, 536 bytes, which a client certificate's name in a TLV can pass. nginx has the same limit.
 */
const MAX_PROXY_HEADER_BYTES = 4096;

/** By the family byte, how many bytes of addresses come first. Of the others UDP is valid, and not for a TCP connection. */
const ADDRESS_BYTES: readonly (readonly [number, number])[] = [
  [UNSPECIFIED, 0],
  [STREAM_OVER_INET, INET_BYTES],
  [STREAM_OVER_INET6, INET6_BYTES],
  [STREAM_OVER_UNIX, UNIX_BYTES],
];

/**
 * Reads a version 2 header (PROXY protocol §2.2). The caller has seen the signature. A header that is wrong, or too long
 * by what it claims, is refused as soon as the byte that says so is there.
 */
export function parseProxyV2(bytes: Uint8Array): ProxyHeaderPeek {
  const problem = fixedProblem(bytes);
  if (problem !== null) return malformed(problem);
  if (bytes.length < FIXED_BYTES) return { kind: 'incomplete' };
  const consumed = FIXED_BYTES + uint16(bytes, 14);
  if (bytes.length < consumed) return { kind: 'incomplete' };

  // §2.2: of a LOCAL header everything behind the length is to be skipped unread, and so is it where nobody says what it is.
  const family = uint8(bytes, 13);
  if (bytes[12] === VERSION_2_LOCAL || family === UNSPECIFIED) return header(consumed, null, NO_TLVS);

  const tlvs = readTlvs(bytes, FIXED_BYTES + (addressBytes(family) ?? 0), consumed);
  if (tlvs.kind === 'malformed') return tlvs;
  return header(consumed, endsOf(bytes, family), tlvs.tlvs);
}

/** What is wrong with the fixed part, as far as it has come. */
function fixedProblem(bytes: Uint8Array): string | null {
  if (bytes.length < 13) return null;
  const command = uint8(bytes, 12);
  if (command >> 4 !== 2) return 'its version is neither 1 nor 2';
  const isLocal = command === VERSION_2_LOCAL;
  if (!isLocal && command !== VERSION_2_PROXY) return 'its command is neither LOCAL nor PROXY';
  if (bytes.length < 14) return null;
  const least = isLocal ? 0 : addressBytes(uint8(bytes, 13));
  if (least === null) return 'its family and transport are not those of a stream';
  if (bytes.length < FIXED_BYTES) return null;
  const length = uint16(bytes, 14);
  if (FIXED_BYTES + length > MAX_PROXY_HEADER_BYTES)
    return `it is longer than ${MAX_PROXY_HEADER_BYTES} bytes`;
  return length < least ? 'it is too short for its addresses' : null;
}

function addressBytes(family: number): number | null {
  return ADDRESS_BYTES.find(([each]) => each === family)?.[1] ?? null;
}

/** §2.2: source and destination address, then both ports. A path of the UNIX family is no address to anybody here. */
function endsOf(bytes: Uint8Array, family: number): ProxyHeader['ends'] {
  if (family === STREAM_OVER_UNIX) return null;
  const [text, size] = family === STREAM_OVER_INET ? ([ipv4Text, 4] as const) : ([ipv6Text, 16] as const);
  const ports = FIXED_BYTES + 2 * size;
  return {
    source: { address: text(bytes, FIXED_BYTES), port: uint16(bytes, ports) },
    destination: { address: text(bytes, FIXED_BYTES + size), port: uint16(bytes, ports + 2) },
  };
}

function header(consumed: number, ends: ProxyHeader['ends'], tlvs: ProxyTlvs): ProxyHeader {
  return { kind: 'header', version: 2, consumed, ends, tlvs };
}

function malformed(problem: string): ProxyHeaderPeek {
  return { kind: 'malformed', problem };
}
