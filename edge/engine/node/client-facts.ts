import type net from 'node:net';
import type { ConnectionFacts, ListenerFacts, Proxied } from '../../connection/facts.ts';

/** What a client's socket and its PROXY header say of a connection. */
export class ClientFacts implements ConnectionFacts {
  readonly listener: ListenerFacts;
  proxied: Proxied | null = null;
  cursor: ConnectionFacts['cursor'];
  readonly #client: net.Socket;

  constructor(client: net.Socket, listener: ListenerFacts) {
    this.#client = client;
    this.listener = listener;
    // Makes the socket remember its peer: after the close there is nobody left to ask.
    client.remoteAddress;
  }

  get clientAddress(): string {
    return this.proxied?.source?.address ?? this.peerAddress;
  }

  get clientPort(): number {
    return this.proxied?.source?.port ?? this.peerPort;
  }

  get localAddress(): string {
    return this.proxied?.destination?.address ?? plainAddress(this.#client.localAddress);
  }

  get localPort(): number {
    return this.proxied?.destination?.port ?? this.#client.localPort ?? 0;
  }

  get peerAddress(): string {
    return plainAddress(this.#client.remoteAddress);
  }

  get peerPort(): number {
    return this.#client.remotePort ?? 0;
  }
}

/** A dual-stack socket shows IPv4 clients as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2). */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
