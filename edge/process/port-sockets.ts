import { isInBlocks } from '../../config/address-block.ts';
import type { Config, InboundProxy } from '../../config/config.ts';
import { ownerOf } from '../../config/conflicts.ts';
import type { PortPlace } from '../../routing/model/route.ts';
import type { ListenPlace } from './listen-error.ts';

/** What of a configuration binds sockets. */
export type SocketConfig = Pick<Config, 'listeners' | 'admin'>;

/** A socket that is to be had for a raw TCP port. */
export interface PortSocket {
  /** The listener that it counts as. */
  readonly name: string;
  readonly place: ListenPlace & { readonly ipv6Only: boolean };
  readonly inbound: InboundProxy;
}

/**
 * The sockets for a raw TCP port: a shared one on each tcp listener whose range has it, a dedicated one on its own address
 * where a tcp listener serves that. None where nobody does.
 *
 * On Linux the same port of `[::]` or `0.0.0.0` and of one address cannot both be listened on: the second fails, whichever
 * it is. So what the configuration has comes first, or one org's port could take a listener away at the next start.
 */
export function portSockets({ address, port }: PortPlace, config: SocketConfig): readonly PortSocket[] {
  const tcp = config.listeners.filter((listener) => listener.kind === 'tcp');
  if (address === null) {
    return tcp
      .filter(({ ports }) => ports.first <= port && port <= ports.last)
      .map((listener) => ({
        name: listener.name,
        place: { address: listener.address, port, ipv6Only: listener.ipv6Only, owner: null },
        inbound: inboundOf(listener),
      }));
  }
  const server = tcp.find(({ dedicated }) => isInBlocks(address, dedicated));
  if (server === undefined) return [];
  const place = { address, port, ipv6Only: false, owner: ownerOf({ address, port }, config) };
  return [{ name: server.name, place, inbound: inboundOf(server) }];
}

/** The part of a listener that is about its PROXY header. */
export function inboundOf({ proxyProtocol, trusted }: InboundProxy): InboundProxy {
  return { proxyProtocol, trusted };
}
