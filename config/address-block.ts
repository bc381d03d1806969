import { BlockList, isIPv4 } from 'node:net';
import { invalid, ok, type Parsed } from './parsed.ts';

/** The IPv4 addresses that share their first `prefix` bits with `address`, whose other bits are 0. */
export interface AddressBlock {
  readonly address: string;
  /** 0 to 32. */
  readonly prefix: number;
}

/** Reads `203.0.113.0/24`, or a single address. */
export function parseAddressBlock(text: string): Parsed<AddressBlock> {
  const [, address = '', digits] = /^([^/]*)(?:\/([0-9]{1,2}))?$/.exec(text) ?? [];
  const prefix = Number(digits ?? 32);
  if (!isIPv4(address) || prefix > 32) {
    return invalid('must be an IPv4 address or a block of them, like 203.0.113.7 or 203.0.113.0/24');
  }
  const bits = bitsOf(address);
  const first = prefix === 0 ? 0 : (bits & (0xffff_ffff << (32 - prefix))) >>> 0;
  if (first !== bits) return invalid(`has bits beyond its first ${prefix}; write ${dotted(first)}/${prefix}`);
  return ok({ address, prefix });
}

/** Whether an IPv4 address is in one of the blocks. */
export function isInBlocks(address: string, blocks: readonly AddressBlock[]): boolean {
  const list = new BlockList();
  for (const block of blocks) list.addSubnet(block.address, block.prefix, 'ipv4');
  return list.check(address, 'ipv4');
}

/** `203.0.113.0/24`, or `203.0.113.7` for a single address. */
export function formatAddressBlock({ address, prefix }: AddressBlock): string {
  return prefix === 32 ? address : `${address}/${prefix}`;
}

function bitsOf(address: string): number {
  return address.split('.').reduce((bits, part) => ((bits << 8) | Number(part)) >>> 0, 0);
}

function dotted(bits: number): string {
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
}
