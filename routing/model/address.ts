import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import type { Brand } from './brand.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** A unicast IP address that can be dialled: IPv4 in dotted form or IPv6 without zone, as it was given. */
export type Address = Brand<string, 'Address'>;

/** To dial it is to dial this machine, however it is spelt: `0::`, `::ffff:0.0.0.0`. */
const UNSPECIFIED = new BlockList();
UNSPECIFIED.addAddress('0.0.0.0', 'ipv4');
UNSPECIFIED.addAddress('::', 'ipv6');

export function parseAddress(text: string): Parsed<Address> {
  if (isIP(text) === 0) return invalid('is not an IPv4 or IPv6 address');
  if (text.includes('%'))
    return invalid('has a zone; only addresses that mean the same on every edge can be dialled');
  if (UNSPECIFIED.check(text, isIPv6(text) ? 'ipv6' : 'ipv4')) return invalid('is the unspecified address');
  return ok(text.toLowerCase() as Address);
}

/** An IPv4 address: the only kind that is scarce enough to be dedicated to one org. */
export function parseIpv4Address(text: string): Parsed<Address> {
  return isIPv4(text) ? parseAddress(text) : invalid('is not an IPv4 address');
}
