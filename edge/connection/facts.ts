import type { InboundProxy } from '../../config/config.ts';
import type { HelloCursor } from '../wire/client-hello-records.ts';
import type { HeadCursor } from '../wire/http-head.ts';
import type { ProxyTlvs, SocketEnd } from '../wire/proxy-header.ts';

/** What an accepted socket carries first: a ClientHello, an HTTP/1.x request, or nothing that weir looks at. */
export type Peek = 'tls' | 'http' | 'none';

/** The listener that a connection came in on. */
export interface ListenerFacts {
  /** Its name in the configuration; a label of metrics and logs. */
  readonly name: string;
  readonly peek: Peek;
  /** The port that is listened on. */
  readonly port: number;
  /** Whose connections a raw TCP listener's are: a `portKey`. Null where bytes decide. */
  readonly binding: string | null;
  /** Where its redirects to https point. */
  readonly httpsPort: number;
  /** Whether a PROXY header comes first. */
  readonly inbound: InboundProxy;
  /** Whether a connection may be held back until its client has sent something, where the engine can. */
  readonly defersAccept: boolean;
}

/** What a PROXY header said; null for what it did not say. */
export interface Proxied extends ProxyTlvs {
  readonly source: SocketEnd | null;
  readonly destination: SocketEnd | null;
}

/**
 * What is known of a connection beside its bytes. The addresses are read on demand, since most decisions do not need
 * them: an engine may cost a system call for each. IPv4 clients of a dual-stack listener are in plain dotted form.
 */
export interface ConnectionFacts {
  readonly listener: ListenerFacts;
  /** Of whom a PROXY header names, else of the peer. */
  readonly clientAddress: string;
  readonly clientPort: number;
  /** The address and port that the client connected to, which a PROXY header says too. */
  readonly localAddress: string;
  readonly localPort: number;
  /** Whoever opened the socket: the client, or a load balancer in front. */
  readonly peerAddress: string;
  readonly peerPort: number;
  /** Null where no PROXY header was read, or not yet. */
  readonly proxied: Proxied | null;
  /**
   * Of the last `need-more` for this connection. Saves work and changes no answer, so an engine may leave it out; with
   * it, bytes that come one by one cost no more than bytes that come at once.
   */
  readonly cursor?: PeekCursor | undefined;
}

/** How far what came so far was read. */
export type PeekCursor =
  | { readonly kind: 'hello'; readonly hello: HelloCursor }
  | { readonly kind: 'head'; readonly head: HeadCursor };
