import { isMappedIpv4 } from './ip-bytes.ts';
import { uint8, uint16 } from './uint.ts';

/** Four bytes from `start` on as an IPv4 address. The caller has checked that they are there. */
export function ipv4Text(bytes: Uint8Array, start: number): string {
  return `${uint8(bytes, start)}.${uint8(bytes, start + 1)}.${uint8(bytes, start + 2)}.${uint8(bytes, start + 3)}`;
}

/**
 * Sixteen bytes from `start` on as an IPv6 address in the one form of RFC 5952 §4, or, where they are an IPv4-mapped one,
 * as the IPv4 address that is meant. The caller has checked that they are there.
 */
export function ipv6Text(bytes: Uint8Array, start: number): string {
  if (isMappedIpv4(bytes, start)) return ipv4Text(bytes, start + 12);
  const groups = Array.from({ length: GROUPS }, (_, at) => uint16(bytes, start + 2 * at));
  const gap = longestZeroes(groups);
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return gap.length < 2 ? text(0, GROUPS) : `${text(0, gap.at)}::${text(gap.at + gap.length, GROUPS)}`;
}

const GROUPS = 8;

/** §4.2.3: the longest run of zeroes, and of equal ones the first. */
function longestZeroes(groups: readonly number[]): { readonly at: number; readonly length: number } {
  let longest = { at: 0, length: 0 };
  let length = 0;
  for (const [at, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { at: at + 1 - length, length };
  }
  return longest;
}
