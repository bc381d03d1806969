import { readHelloBody } from './client-hello-body.ts';
import { joinHelloRecords } from './client-hello-records.ts';

/** What the first bytes of a connection are, as far as a TLS ClientHello goes. */
export type ClientHelloPeek =
  /** A prefix of a ClientHello: ask again with more. */
  | { readonly kind: 'incomplete' }
  /** No TLS record with a handshake in it; SSLv2's own hello counts as this. */
  | { readonly kind: 'not-tls' }
  /** TLS, but no ClientHello can be read from it, whatever comes next. `problem` is a clause for a message. */
  | { readonly kind: 'malformed'; readonly problem: string }
  | ClientHello;

export interface ClientHello {
  readonly kind: 'hello';
  /** SNI's host_name, byte for byte as latin1 text and not yet judged; null without the extension. */
  readonly serverName: string | null;
  /** The protocols that the client offers, in its order; empty without the extension. */
  readonly alpn: readonly string[];
  /** Whether encrypted_client_hello is there, real or GREASE: `serverName` is the outer name then. */
  readonly hasEch: boolean;
  /** legacy_record_version of the first record, such as 0x0301. */
  readonly recordVersion: number;
}

const HANDSHAKE = 22;
const MAJOR_VERSION = 3;

const INCOMPLETE: ClientHelloPeek = { kind: 'incomplete' };
const NOT_TLS: ClientHelloPeek = { kind: 'not-tls' };

/**
 * Reads the ClientHello that `bytes` begin with, over as many records as it is spread over (RFC 8446 §4.1.2, §5.1).
 *
 * `bytes` are everything that came so far, from the first on. Nothing is kept between calls and nothing in the answer
 * shares memory with `bytes`. While the hello is incomplete a call costs one step for each record, whatever their
 * length; the body is looked at once, when its last byte is there.
 */
export function peekClientHello(bytes: Uint8Array): ClientHelloPeek {
  if (bytes.length === 0) return INCOMPLETE;
  if (bytes[0] !== HANDSHAKE) return NOT_TLS;
  if (bytes.length > 1 && bytes[1] !== MAJOR_VERSION) return NOT_TLS;

  const joined = joinHelloRecords(bytes);
  return joined.kind === 'joined' ? readHelloBody(joined) : joined;
}
