import { parseProxyV1 } from './proxy-v1.ts';
import { SIGNATURE } from './proxy-v2-format.ts';
import { parseProxyV2 } from './proxy-v2-parse.ts';
import { uint8 } from './uint.ts';

/** What the first bytes of a connection are, as far as a PROXY protocol header of either version goes. */
export type ProxyHeaderPeek =
  /** A prefix of a header: ask again with more. */
  | { readonly kind: 'incomplete' }
  /** The first bytes are not those of a header. */
  | { readonly kind: 'not-proxy' }
  /** A header's first bytes, and then something that no sender may send. `problem` is a clause for a message. */
  | { readonly kind: 'malformed'; readonly problem: string }
  | ProxyHeader;

export interface ProxyHeader {
  readonly kind: 'header';
  readonly version: 1 | 2;
  /** How many of the bytes it takes: what the client itself sent comes after them. */
  readonly consumed: number;
  /**
   * Null where the sender speaks for itself (LOCAL), or cannot say in these words for whom it does (UNKNOWN, UNSPEC, a
   * socket of the UNIX family): the connection's own addresses hold then.
   */
  readonly ends: { readonly source: SocketEnd; readonly destination: SocketEnd } | null;
  readonly tlvs: ProxyTlvs;
}

/** One end of a connection: an IP address as text, IPv4-mapped ones in dotted form, and a port. */
export interface SocketEnd {
  readonly address: string;
  readonly port: number;
}

/** What a version 2 header says beside the addresses; null for what it does not say. Nothing of it was judged. */
export interface ProxyTlvs {
  /** One character for each byte. */
  readonly alpn: string | null;
  /** The name that the client asked for, one character for each byte. */
  readonly authority: string | null;
  /** Opaque, at most 128 bytes, one character for each. */
  readonly uniqueId: string | null;
  /**
   * Through which private endpoint a client came to the load balancer of a cloud: AWS's VPC endpoint id, Azure's LINKID
   * or Google's PSC connection id.
   */
  readonly privateLink: string | null;
}

const V1_SIGNATURE = Uint8Array.of(0x50, 0x52, 0x4f, 0x58, 0x59);

/**
 * Reads the PROXY protocol header that `bytes` begin with (versions 1 and 2, specification of 2020-03-05).
 *
 * `bytes` are everything that came so far, from the first on; nothing in the answer shares memory with them. While a
 * version 2 header is incomplete a call looks at its sixteen fixed bytes only, and a version 1 header has 107 bytes at
 * most. A header can be told from TLS by its first byte and from HTTP/1.x that a strict reader takes by its first six:
 * the empty lines that version 2 begins with are in front of no such request, and "PROXY TCP4" begins none.
 */
export function peekProxyHeader(bytes: Uint8Array): ProxyHeaderPeek {
  if (bytes.length === 0) return { kind: 'incomplete' };
  const isBinary = bytes[0] === SIGNATURE[0];
  const signature = isBinary ? SIGNATURE : V1_SIGNATURE;
  const present = Math.min(bytes.length, signature.length);
  for (let at = 0; at < present; at += 1) {
    if (uint8(bytes, at) !== signature[at]) return { kind: 'not-proxy' };
  }
  if (present < signature.length) return { kind: 'incomplete' };
  return isBinary ? parseProxyV2(bytes) : parseProxyV1(bytes);
}
