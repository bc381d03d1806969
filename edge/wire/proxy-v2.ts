import { crc32c } from './crc32c.ts';
import { ipv4Bits, isMappedIpv4, writeIpv4, writeMappedIp } from './ip-bytes.ts';
import { ipv4Text } from './ip-text.ts';
import type { SocketEnd } from './proxy-header.ts';
import {
  CHECKSUM_BYTES,
  FIXED_BYTES,
  INET_BYTES,
  INET6_BYTES,
  MAX_UNIQUE_ID_BYTES,
  SIGNATURE,
  STREAM_OVER_INET,
  STREAM_OVER_INET6,
  TLV_ALPN,
  TLV_APP,
  TLV_AUTHORITY,
  TLV_CRC32C,
  TLV_ENV,
  TLV_HEADER_BYTES,
  TLV_ORG,
  TLV_UNIQUE_ID,
  UNSPECIFIED,
  VERSION_2_LOCAL,
  VERSION_2_PROXY,
} from './proxy-v2-format.ts';

/** What a header says. Every text is written with one byte for each character; an empty one is as an absent one. */
export interface ProxyV2Header {
  /** The client. */
  readonly source: SocketEnd;
  /** What the client connected to. */
  readonly destination: SocketEnd;
  /** PP2_TYPE_AUTHORITY: the name from SNI or Host, in ASCII. */
  readonly authority?: string | undefined;
  /** PP2_TYPE_ALPN: one protocol's name. */
  readonly alpn?: string | undefined;
  /** PP2_TYPE_UNIQUE_ID: at most 128 bytes. */
  readonly uniqueId?: string | undefined;
  /** TLVs 0xE4, 0xE5 and 0xE6, which are weir's own. */
  readonly org?: string | undefined;
  readonly app?: string | undefined;
  readonly env?: string | undefined;
  /** PP2_TYPE_CRC32C. @default false */
  readonly hasChecksum?: boolean | undefined;
}

/** The length field's limit for all that follows it. */
const MAX_LENGTH = 0xffff;

/**
 * A PROXY protocol version 2 header for a relayed TCP connection (§2.2): signature, command PROXY, family, length,
 * addresses and ports, then the TLVs in the order of their types, with the checksum last. The caller owns it.
 *
 * IPv4-mapped IPv6 addresses are written as the IPv4 that they stand for; where one end is IPv4 and the other is not,
 * both are written as IPv6, as HAProxy does. Where an address is not known (a socket that is already gone has none) the
 * family is UNSPEC, which tells the backend to make nothing of it. Throws a RangeError where a TLV is too long.
 */
export function encodeProxyV2(header: ProxyV2Header): Uint8Array {
  const { source, destination } = header;
  const from = ipv4Bits(source.address);
  const to = ipv4Bits(destination.address);
  if (from >= 0 && to >= 0) {
    const bytes = begin(header, STREAM_OVER_INET, INET_BYTES);
    writeIpv4(bytes, FIXED_BYTES, from);
    writeIpv4(bytes, FIXED_BYTES + 4, to);
    return complete(bytes, header, INET_BYTES);
  }
  const bytes = begin(header, STREAM_OVER_INET6, INET6_BYTES);
  const areKnown =
    writeMappedIp(bytes, FIXED_BYTES, source.address) &&
    writeMappedIp(bytes, FIXED_BYTES + 16, destination.address);
  if (!areKnown) return complete(begin(header, UNSPECIFIED, 0), header, 0);
  if (isMappedIpv4(bytes, FIXED_BYTES) && isMappedIpv4(bytes, FIXED_BYTES + 16)) {
    return encodeProxyV2({
      ...header,
      source: { address: ipv4Text(bytes, FIXED_BYTES + 12), port: source.port },
      destination: { address: ipv4Text(bytes, FIXED_BYTES + 28), port: destination.port },
    });
  }
  return complete(bytes, header, INET6_BYTES);
}

/**
 * What goes in front of a connection that the edge makes for itself, such as a health check: command LOCAL, and nothing
 * else. Must not be changed: every such connection begins with the same bytes.
 */
export const PROXY_V2_LOCAL: Uint8Array = Uint8Array.of(...SIGNATURE, VERSION_2_LOCAL, UNSPECIFIED, 0, 0);

/** The fixed part, with room for the rest behind it. */
function begin(header: ProxyV2Header, family: number, addressBytes: number): Buffer {
  if (header.uniqueId !== undefined && header.uniqueId.length > MAX_UNIQUE_ID_BYTES)
    throw new RangeError(`a PROXY v2 unique id is longer than ${MAX_UNIQUE_ID_BYTES} bytes`);
  const length =
    addressBytes +
    tlvBytes(header.alpn) +
    tlvBytes(header.authority) +
    tlvBytes(header.uniqueId) +
    tlvBytes(header.org) +
    tlvBytes(header.app) +
    tlvBytes(header.env) +
    (header.hasChecksum ? TLV_HEADER_BYTES + CHECKSUM_BYTES : 0);
  if (length > MAX_LENGTH) throw new RangeError(`a PROXY v2 header is longer than ${MAX_LENGTH} bytes`);

  const bytes = Buffer.allocUnsafe(FIXED_BYTES + length);
  for (let at = 0; at < SIGNATURE.length; at += 1) bytes[at] = SIGNATURE[at] ?? 0;
  bytes[12] = VERSION_2_PROXY;
  bytes[13] = family;
  writeUint16(bytes, 14, length);
  return bytes;
}

/** Writes what comes after the addresses. */
function complete(bytes: Buffer, header: ProxyV2Header, addressBytes: number): Buffer {
  let at = FIXED_BYTES + addressBytes;
  if (addressBytes > 0) {
    writeUint16(bytes, at - 4, header.source.port);
    writeUint16(bytes, at - 2, header.destination.port);
  }
  at = writeTlv(bytes, at, TLV_ALPN, header.alpn);
  at = writeTlv(bytes, at, TLV_AUTHORITY, header.authority);
  at = writeTlv(bytes, at, TLV_UNIQUE_ID, header.uniqueId);
  at = writeTlv(bytes, at, TLV_ORG, header.org);
  at = writeTlv(bytes, at, TLV_APP, header.app);
  at = writeTlv(bytes, at, TLV_ENV, header.env);
  if (header.hasChecksum) writeChecksum(bytes, at);
  return bytes;
}

function tlvBytes(value: string | undefined): number {
  return value === undefined || value.length === 0 ? 0 : TLV_HEADER_BYTES + value.length;
}

/** Answers where the next one goes. */
function writeTlv(bytes: Buffer, at: number, type: number, value: string | undefined): number {
  if (value === undefined || value.length === 0) return at;
  bytes[at] = type;
  writeUint16(bytes, at + 1, value.length);
  const start = at + TLV_HEADER_BYTES;
  // Up to here a loop is cheaper than a call into C++.
  if (value.length > 12) bytes.write(value, start, 'latin1');
  else for (let index = 0; index < value.length; index += 1) bytes[start + index] = value.charCodeAt(index);
  return start + value.length;
}

/** §2.2.3: over the whole header, with the checksum itself as zeroes. */
function writeChecksum(bytes: Uint8Array, at: number): void {
  bytes[at] = TLV_CRC32C;
  writeUint16(bytes, at + 1, CHECKSUM_BYTES);
  writeIpv4(bytes, at + TLV_HEADER_BYTES, 0);
  writeIpv4(bytes, at + TLV_HEADER_BYTES, crc32c(bytes));
}

function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}
