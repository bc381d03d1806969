import { isIPv4, isIPv6 } from 'node:net';
import { type AddressBlock, formatAddressBlock, parseAddressBlock } from './address-block.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** The addresses of either family that share their first `prefix` bits with `address`, whose other bits are 0. */
export interface SourceBlock extends AddressBlock {
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32`, or a single address. IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) becomes the IPv4 that it
 * means.
 */
export function parseSourceBlock(text: string): Parsed<SourceBlock> {
  const [address = '', digits, ...rest] = text.split('/');
  if (!address.includes(':')) {
    const block = parseAddressBlock(text);
    if (block.kind === 'ok') return ok({ family: 'ipv4', ...block.value });
    return isIPv4(address) ? block : invalid(WHAT_IT_IS);
  }
  if (address.includes('%')) return invalid('has a zone, which addresses of clients are compared without');
  const prefix = Number(digits ?? 128);
  const isPrefix = digits === undefined || /^[0-9]{1,3}$/.test(digits);
  if (!isIPv6(address) || !isPrefix || prefix > 128 || rest.length > 0) return invalid(WHAT_IT_IS);

  const canonical = canonicalText(address);
  const first = canonicalText(firstOf(canonical, prefix).join(':'));
  if (first !== canonical) return invalid(`has bits beyond its first ${prefix}; write ${first}/${prefix}`);
  const mapped = prefix < 96 ? null : mappedIpv4(canonical);
  if (mapped !== null) return ok({ family: 'ipv4', address: mapped, prefix: prefix - 96 });
  return ok({ family: 'ipv6', address: canonical, prefix });
}

const WHAT_IT_IS = 'must be an IP address or a block of them, like 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32';

/** `10.0.0.0/8`, or `10.1.2.3` for a single address. */
export function formatSourceBlock(block: SourceBlock): string {
  if (block.family === 'ipv4') return formatAddressBlock(block);
  return block.prefix === 128 ? block.address : `${block.address}/${block.prefix}`;
}

/** The URL standard's one form of an IPv6 address, hexadecimal throughout. */
function canonicalText(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** The groups of the first address in a block. */
function firstOf(canonical: string, prefix: number): readonly string[] {
  return groupsOf(canonical).map((group, at) => {
    const bits = Math.min(16, Math.max(0, prefix - 16 * at));
    return (group & (0xffff << (16 - bits)) & 0xffff).toString(16);
  });
}

function groupsOf(canonical: string): readonly number[] {
  const [head = '', tail] = canonical.split('::');
  const before = parts(head);
  const after = parts(tail ?? '');
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<number>(gap).fill(0), ...after];
}

function parts(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function mappedIpv4(canonical: string): string | null {
  if (!canonical.startsWith('::ffff:')) return null;
  const [high = 0, low = 0] = groupsOf(canonical).slice(6);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
