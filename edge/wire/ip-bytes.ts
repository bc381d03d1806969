import { isIPv4, isIPv6 } from 'node:net';

/**
 * An IP address in network order: 4 bytes for IPv4, IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) included, 16 for any other
 * IPv6 with its zone left out, null for text that is no address.
 */
export function ipBytes(text: string): Uint8Array | null {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text)) return null;
  const bytes = ipv6Bytes(text);
  return isMapped(bytes) ? bytes.subarray(12) : bytes;
}

/** The 16 bytes of an IPv4 address within IPv6; what already has 16 stays as it is. */
export function mappedIpBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 16) return bytes;
  const mapped = new Uint8Array(16);
  mapped.fill(0xff, 10, 12);
  mapped.set(bytes, 12);
  return mapped;
}

/** Reads text that `isIPv6` has let through, so the groups and the one gap are known to be well-formed. */
function ipv6Bytes(text: string): Uint8Array {
  const zone = text.indexOf('%');
  const [head = '', tail] = (zone < 0 ? text : text.slice(0, zone)).split('::');
  const bytes = new Uint8Array(16);
  writeGroups(head, bytes, 0);
  if (tail !== undefined) writeGroups(tail, bytes, 16 - groupBytes(tail));
  return bytes;
}

/** How many bytes `a:b:c` or `a:b:1.2.3.4` stands for. */
function groupBytes(text: string): number {
  if (text === '') return 0;
  const groups = text.split(':').length;
  return 2 * (text.includes('.') ? groups + 1 : groups);
}

function writeGroups(text: string, bytes: Uint8Array, start: number): void {
  if (text === '') return;
  let at = start;
  for (const group of text.split(':')) {
    if (group.includes('.')) {
      bytes.set(Uint8Array.from(group.split('.'), Number), at);
      return;
    }
    const value = Number.parseInt(group, 16);
    bytes[at] = value >> 8;
    bytes[at + 1] = value & 0xff;
    at += 2;
  }
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}
