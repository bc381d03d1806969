import { crc32cWithout } from './crc32c.ts';
import { latin1 } from './latin1.ts';
import type { ProxyTlvs } from './proxy-header.ts';
import {
  CHECKSUM_BYTES,
  MAX_UNIQUE_ID_BYTES,
  TLV_ALPN,
  TLV_AUTHORITY,
  TLV_AWS,
  TLV_AZURE,
  TLV_CRC32C,
  TLV_GCP,
  TLV_HEADER_BYTES,
  TLV_SSL,
  TLV_UNIQUE_ID,
} from './proxy-v2-format.ts';
import { uint8, uint16 } from './uint.ts';

/** What a header without TLVs says in them. */
export const NO_TLVS: ProxyTlvs = { alpn: null, authority: null, uniqueId: null, privateLink: null };

type ReadTlvs =
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'tlvs'; readonly tlvs: ProxyTlvs };

/** One TLV's value, from `start` up to `end`. */
interface Value {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the TLVs of a whole header, which is `bytes` up to `end` (PROXY protocol §2.2.1 to §2.2.8), and checks its checksum
 * where it has one. Types that are not known are skipped; a registered type that is not as it has to be, or that is there
 * twice where it can only be there to be read differently by somebody else, is malformed.
 */
export function readTlvs(bytes: Uint8Array, start: number, end: number): ReadTlvs {
  let alpn: string | null = null;
  let authority: string | null = null;
  let uniqueId: string | null = null;
  let privateLink: string | null = null;
  let seen = 0; // a bit for each type below 32, among them all that may be there only once

  for (let at = start; at < end; ) {
    if (at + TLV_HEADER_BYTES > end) return malformed('a TLV is cut off');
    const type = uint8(bytes, at);
    const value: Value = {
      type,
      start: at + TLV_HEADER_BYTES,
      end: at + TLV_HEADER_BYTES + uint16(bytes, at + 1),
    };
    if (value.end > end) return malformed('a TLV is longer than the header');
    const problem = valueProblem(bytes, value, end);
    if (problem !== null) return malformed(problem);
    if (isUnique(type)) {
      if ((seen & (1 << type)) !== 0) return malformed('a TLV is there twice');
      seen |= 1 << type;
    }

    if (type === TLV_ALPN) alpn = textOf(bytes, value);
    else if (type === TLV_AUTHORITY) authority = textOf(bytes, value);
    else if (type === TLV_UNIQUE_ID) uniqueId = textOf(bytes, value);
    else privateLink ??= privateLinkOf(bytes, value);
    at = value.end;
  }
  return { kind: 'tlvs', tlvs: { alpn, authority, uniqueId, privateLink } };
}

function isUnique(type: number): boolean {
  return type === TLV_ALPN || type === TLV_AUTHORITY || type === TLV_UNIQUE_ID || type === TLV_CRC32C;
}

function valueProblem(bytes: Uint8Array, { type, start, end }: Value, headerEnd: number): string | null {
  switch (type) {
    case TLV_UNIQUE_ID:
      return end - start > MAX_UNIQUE_ID_BYTES ? 'its unique id is longer than 128 bytes' : null;
    case TLV_CRC32C:
      if (end - start !== CHECKSUM_BYTES) return 'its checksum does not have 4 bytes';
      return isChecksumRight(bytes.subarray(0, headerEnd), start) ? null : 'its checksum is wrong';
    case TLV_SSL:
      return isSslWhole(bytes, start, end) ? null : 'its SSL TLV has lengths that do not fit';
    default:
      return null;
  }
}

/** §2.2.3: over the whole header, with the checksum itself as zeroes. */
function isChecksumRight(header: Uint8Array, at: number): boolean {
  const stated = uint16(header, at) * 0x10000 + uint16(header, at + 2);
  return stated === crc32cWithout(header, at);
}

/** §2.2.6: flags (1), result of the verification (4), and TLVs. Nothing is made of it. */
function isSslWhole(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start + 5;
  while (at + TLV_HEADER_BYTES <= end) at += TLV_HEADER_BYTES + uint16(bytes, at + 1);
  return at === end;
}

/** An empty value says no more than an absent one. */
function textOf(bytes: Uint8Array, { start, end }: Value): string | null {
  return start === end ? null : latin1(bytes, start, end);
}

/** 0xE0 to 0xEF belong to nobody in particular, so what is not in a cloud's form is somebody else's, and not wrong. */
function privateLinkOf(bytes: Uint8Array, { type, start, end }: Value): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
  switch (type) {
    case TLV_AWS: {
      // Network Load Balancer: a subtype, 1 for the VPC endpoint's id, which is text.
      const id = bytes[start] === VPC_ENDPOINT_ID ? latin1(bytes, start + 1, end) : '';
      return /^[A-Za-z0-9-]{1,64}$/.test(id) ? id : null;
    }
    case TLV_AZURE:
      // Private Link service: a subtype, 1 for the private endpoint's LINKID, little-endian.
      return end - start === 5 && bytes[start] === LINK_ID ? String(view.getUint32(1, true)) : null;
    case TLV_GCP:
      // Private Service Connect: the connection's id alone, big-endian.
      return end - start === 8 ? String(view.getBigUint64(0)) : null;
    default:
      return null;
  }
}

const VPC_ENDPOINT_ID = 1;
const LINK_ID = 1;

function malformed(problem: string): ReadTlvs {
  return { kind: 'malformed', problem };
}
