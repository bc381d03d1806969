import { crc32c } from './crc32c.ts';
import { ipBytes, mappedIpBytes } from './ip-bytes.ts';

/** One end of a connection: an IP address as text and a port. */
interface SocketEnd {
  readonly address: string;
  readonly port: number;
}

export interface ProxyV2Header {
  /** The client. */
  readonly source: SocketEnd;
  /** What the client connected to. */
  readonly destination: SocketEnd;
  /** PP2_TYPE_AUTHORITY: the name from SNI or Host, in ASCII. */
  readonly authority?: string | undefined;
  /** PP2_TYPE_ALPN: one protocol's name, one character for each byte. */
  readonly alpn?: string | undefined;
  /** PP2_TYPE_UNIQUE_ID: at most 128 bytes. */
  readonly uniqueId?: Uint8Array | undefined;
  /** PP2_TYPE_CRC32C. @default false */
  readonly hasChecksum?: boolean | undefined;
}

/** PROXY protocol §2.2. */
const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const VERSION_2_PROXY = 0x21;
const STREAM_OVER_INET = 0x11;
const STREAM_OVER_INET6 = 0x21;
const UNSPECIFIED = 0x00;
const FIXED_BYTES = 16;

/** PROXY protocol §2.2.1 to §2.2.5. */
const TLV_ALPN = 0x01;
const TLV_AUTHORITY = 0x02;
const TLV_CRC32C = 0x03;
const TLV_UNIQUE_ID = 0x05;
const MAX_UNIQUE_ID_BYTES = 128;
const TLV_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;

/** The length field's limit for all that follows it. */
const MAX_HEADER_BYTES = 0xffff;

/**
 * A PROXY protocol version 2 header for a relayed TCP connection (§2.2): signature, command PROXY, family, length,
 * addresses and ports, then the TLVs in the order of their types, with the checksum last.
 *
 * IPv4-mapped IPv6 addresses are written as the IPv4 that they stand for; where one end is IPv4 and the other is not,
 * both are written as IPv6. Where an address is not known (a socket that is already gone has none) the family is
 * UNSPEC, which tells the backend to make nothing of it. Throws a RangeError where a TLV is too long.
 */
export function encodeProxyV2(header: ProxyV2Header): Uint8Array {
  const ends = addressFields(header.source.address, header.destination.address);
  const authority = tlvBytes('authority', header.authority, MAX_HEADER_BYTES);
  const alpn = tlvBytes('ALPN', header.alpn, MAX_HEADER_BYTES);
  const uniqueId = tlvBytes('unique id', header.uniqueId, MAX_UNIQUE_ID_BYTES);

  const addressBytes = ends === null ? 0 : 2 * ends.source.length + 4;
  const tlvs =
    tlvSize(alpn) +
    tlvSize(authority) +
    tlvSize(uniqueId) +
    (header.hasChecksum ? TLV_HEADER_BYTES + CHECKSUM_BYTES : 0);
  if (addressBytes + tlvs > MAX_HEADER_BYTES)
    throw new RangeError('a PROXY v2 header holds at most 65535 bytes');

  const bytes = new Uint8Array(FIXED_BYTES + addressBytes + tlvs);
  bytes.set(SIGNATURE);
  bytes[12] = VERSION_2_PROXY;
  bytes[13] = ends === null ? UNSPECIFIED : ends.source.length === 4 ? STREAM_OVER_INET : STREAM_OVER_INET6;
  writeUint16(bytes, 14, addressBytes + tlvs);

  let at = FIXED_BYTES;
  if (ends !== null) {
    bytes.set(ends.source, at);
    bytes.set(ends.destination, at + ends.source.length);
    writeUint16(bytes, at + addressBytes - 4, header.source.port);
    writeUint16(bytes, at + addressBytes - 2, header.destination.port);
    at += addressBytes;
  }
  at = writeTlv(bytes, at, { type: TLV_ALPN, value: alpn });
  at = writeTlv(bytes, at, { type: TLV_AUTHORITY, value: authority });
  at = writeTlv(bytes, at, { type: TLV_UNIQUE_ID, value: uniqueId });
  if (header.hasChecksum) {
    // §2.2.3: over the whole header, with the checksum itself as zeroes.
    writeTlv(bytes, at, { type: TLV_CRC32C, value: new Uint8Array(CHECKSUM_BYTES) });
    writeUint32(bytes, at + TLV_HEADER_BYTES, crc32c(bytes));
  }
  return bytes;
}

interface AddressFields {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

function addressFields(from: string, to: string): AddressFields | null {
  const source = ipBytes(from);
  const destination = ipBytes(to);
  if (source === null || destination === null) return null;
  if (source.length === destination.length) return { source, destination };
  return { source: mappedIpBytes(source), destination: mappedIpBytes(destination) };
}

/** An absent TLV and an empty one are the same: no receiver could use an empty value. */
function tlvBytes(name: string, value: string | Uint8Array | undefined, limit: number): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : (value ?? NO_BYTES);
  if (bytes.length > limit) throw new RangeError(`the PROXY v2 ${name} is longer than ${limit} bytes`);
  return bytes;
}

const NO_BYTES = new Uint8Array(0);

function tlvSize(value: Uint8Array): number {
  return value.length === 0 ? 0 : TLV_HEADER_BYTES + value.length;
}

/** Answers where the next one goes. */
function writeTlv(header: Uint8Array, at: number, tlv: { type: number; value: Uint8Array }): number {
  if (tlv.value.length === 0) return at;
  header[at] = tlv.type;
  writeUint16(header, at + 1, tlv.value.length);
  header.set(tlv.value, at + TLV_HEADER_BYTES);
  return at + TLV_HEADER_BYTES + tlv.value.length;
}

function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  writeUint16(bytes, at, value >>> 16);
  writeUint16(bytes, at + 2, value & 0xffff);
}
