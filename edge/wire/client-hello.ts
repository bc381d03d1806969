import { readHelloBody } from './client-hello-body.ts';
import { type HelloCursor, type IncompleteHello, joinHelloRecords, START } from './client-hello-records.ts';
import { looksLikeSslv2Hello, sslv2HelloVersion } from './sslv2-hello.ts';

/** What the first bytes of a connection are, as far as a TLS ClientHello goes. */
export type ClientHelloPeek =
  /** A prefix of a ClientHello: ask again with more. */
  | IncompleteHello
  /** No TLS record with a handshake in it. */
  | { readonly kind: 'not-tls' }
  /** A ClientHello in SSLv2's framing, which no client may send any more (RFC 6176 §3). `version`: the highest offered. */
  | { readonly kind: 'sslv2'; readonly version: number }
  /** TLS, but no ClientHello can be read from it, whatever comes next. `problem` is a clause for a message. */
  | { readonly kind: 'malformed'; readonly problem: string }
  | ClientHello;

export interface ClientHello {
  readonly kind: 'hello';
  /** SNI's host_name, byte for byte as latin1 text and not yet judged; null without the extension. */
  readonly serverName: string | null;
  /** The protocols that the client offers, in its order; empty without the extension. */
  readonly alpn: readonly string[];
  /** supported_versions in the client's order without GREASE, such as 0x0304; empty without the extension. */
  readonly supportedVersions: readonly number[];
  /** legacy_version: the highest version of a client that has no `supportedVersions`. */
  readonly legacyVersion: number;
  /** What `serverName` is worth where Encrypted Client Hello was offered; null where it was not. */
  readonly ech: EchOffer | null;
  /** legacy_record_version of the first record, such as 0x0301. */
  readonly recordVersion: number;
}

/**
 * encrypted_client_hello's type (RFC 9849 §5). `outer`: the name is the public one, and may as well be the true one,
 * since GREASE is made to look like a real offer (§6.2). `inner`: a client-facing server has decrypted this hello, so
 * the name is the true one. `unknown`: neither, so a server that knows ECH will refuse it.
 */
export type EchOffer = 'outer' | 'inner' | 'unknown';

const HANDSHAKE = 22;
const MAJOR_VERSION = 3;

const NOT_TLS: ClientHelloPeek = { kind: 'not-tls' };

/**
 * Reads the ClientHello that `bytes` begin with, over as many records as it is spread over (RFC 8446 §4.1.2, §5.1).
 *
 * `bytes` are everything that came so far, from the first on, and nothing in the answer shares memory with them. With
 * the last `incomplete` answer for the same connection as `cursor`, a call costs the same however much came before it:
 * a hello that comes byte by byte costs linear work. Without it the answer is the same, at one step for each record.
 * The body is looked at once, when its last byte is there.
 *
 * Any 3.x is taken as a record's version: it must be ignored (RFC 8446 §5.1), so a backend would serve the client.
 */
export function peekClientHello(bytes: Uint8Array, cursor: HelloCursor = START): ClientHelloPeek {
  if (bytes.length === 0) return START;
  if (bytes[0] !== HANDSHAKE) return peekSslv2Hello(bytes);
  if (bytes.length > 1 && bytes[1] !== MAJOR_VERSION) return NOT_TLS;

  const joined = joinHelloRecords(bytes, cursor);
  return joined.kind === 'joined' ? readHelloBody(joined) : joined;
}

function peekSslv2Hello(bytes: Uint8Array): ClientHelloPeek {
  const isSslv2 = looksLikeSslv2Hello(bytes);
  if (isSslv2 === null) return START;
  return isSslv2 ? { kind: 'sslv2', version: sslv2HelloVersion(bytes) } : NOT_TLS;
}
