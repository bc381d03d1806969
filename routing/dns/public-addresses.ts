import { isIPv4, SocketAddress } from 'node:net';
import { type Address, parseAddress } from '../model/address.ts';
import { ok, type Parsed } from '../model/parsed.ts';

/** An edge as far as it says where clients reach it. */
export interface AddressedNode {
  readonly node: string;
  readonly publicAddresses: readonly string[];
  readonly isLive: boolean;
}

/** Where clients reach the edges, and what there is to say about it. */
export interface KnownAddresses {
  readonly addresses: readonly Address[];
  readonly notes: readonly string[];
}

/** Reads an address that goes into an A or AAAA record, in its one spelling; IPv4-mapped IPv6 is the IPv4 address. */
export function parsePublicAddress(text: string): Parsed<Address> {
  const address = parseAddress(text);
  if (address.kind === 'invalid' || isIPv4(address.value)) return address;
  const canonical = new SocketAddress({ address: address.value, family: 'ipv6' }).address;
  const mapped = canonical.replace(/^::ffff:/, '');
  return isIPv4(mapped) ? parseAddress(mapped) : ok(canonical as Address);
}

/** What the edges that report have said of themselves. One that is silent may be gone, and clients with it. */
export function reportedAddresses(nodes: readonly AddressedNode[]): KnownAddresses {
  const addresses = new Set<Address>();
  const notes: string[] = [];
  for (const { node, publicAddresses, isLive } of nodes) {
    const parsed = publicAddresses.map(parsePublicAddress);
    const known = parsed.flatMap((each) => (each.kind === 'ok' ? [each.value] : []));
    if (isLive) for (const address of known) addresses.add(address);
    else if (known.length > 0) notes.push(`${node} does not report any more: ${known.join(', ')} left out`);
  }
  return { addresses: [...addresses], notes };
}
