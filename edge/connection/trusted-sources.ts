import { BlockList, isIPv4 } from 'node:net';
import type { ListenerFacts } from './facts.ts';

/** Whose PROXY header is believed, by listener. */
export class TrustedSources {
  readonly #lists = new Map<string, BlockList>();

  /** Learns what a listener's configuration says; the last that was said of a name holds. */
  learn({ name, inbound }: ListenerFacts): void {
    const list = new BlockList();
    for (const { address, prefix, family } of inbound.trusted) list.addSubnet(address, prefix, family);
    this.#lists.set(name, list);
  }

  /** @param address Of the peer: IPv4 in dotted form, IPv6 with or without a zone. */
  has(listener: string, address: string): boolean {
    const list = this.#lists.get(listener);
    if (list === undefined || address === '') return false;
    return isIPv4(address) ? list.check(address, 'ipv4') : list.check(withoutZone(address), 'ipv6');
  }
}

function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}
