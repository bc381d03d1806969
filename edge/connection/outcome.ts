import type { SocketEnd } from '../wire/proxy-header.ts';

/**
 * Every way in which a connection ends. Closed: metrics and the access log know no other.
 *
 * The order is the index in the workers' counters and in the C engine; new reasons go at the end.
 */
export const REASONS = [
  // Relayed.
  'completed', // both directions ended in order
  'client-reset', // the client reset or vanished while relaying
  'backend-reset', // the backend reset or vanished while relaying
  'idle-timeout', // no byte in either direction for the idle timeout
  'half-closed-timeout', // one direction had ended, the other fell silent
  'drained', // closed by the edge at the end of a drain
  // Ended before a decision.
  'client-left', // the client went away before its name was known or a backend had answered the dial
  'hello-timeout', // nothing complete to decide on within the hello deadline
  'hello-too-large', // the hello passed the cap before it was complete
  'not-tls', // the first bytes on a tls listener are not TLS
  'malformed-hello', // TLS, but not a ClientHello that can be read
  'not-http', // the first bytes on an http listener are not HTTP/1.x
  'malformed-request', // HTTP/1.x, but no Host that can be trusted
  // Decided against.
  'no-name', // TLS without SNI, or HTTP/1.0 without Host, and the listener has no default route
  'unknown-name', // no route for the name
  'unbound-port', // a raw TCP port that no longer has a route
  'no-endpoint', // the route's service has no ready endpoint
  'redirected', // answered with a redirect to https
  // Decided for, and failed.
  'backend-refused', // every candidate refused or was unreachable
  'backend-timeout', // the last candidate tried did not answer the dial in time
  // The edge's own.
  'overloaded', // out of file descriptors or at the connection limit
  'internal-error', // a defect: logged with its stack
  // Ended before a decision, by the PROXY header that a listener expects.
  'proxy-untrusted', // a source that is not trusted, on a listener that requires a header
  'proxy-missing', // a trusted source that sent something else
  'proxy-malformed', // a header's first bytes, and then none that can be read
  'proxy-timeout', // no whole header within its deadline
  // Ended before a decision, as above.
  'sslv2-hello', // a ClientHello in SSLv2's framing, which nobody may send any more
  'gave-way', // the oldest of too many that nothing was decided about, of its source or in all
  // Decided against, as above.
  'misdirected', // a request for an https URI that came without TLS
  'no-protocol', // routes for the name, and all of them ask for ALPN protocols that the client does not offer
] as const;

export type Reason = (typeof REASONS)[number];

/** What is known of a connection once it has ended: exactly one for each accepted connection. */
export interface Outcome {
  readonly reason: Reason;
  /** The listener's name in the configuration. */
  readonly listener: string;
  /** Whom a PROXY header named, else the peer. */
  readonly clientAddress: string;
  readonly clientPort: number;
  /** Who opened the socket, where a PROXY header was read: a load balancer; else null. */
  readonly peer: SocketEnd | null;
  /** What the backend was told as the connection's id, else what that header said; one character for each byte. */
  readonly uniqueId: string | null;
  /** From that header. */
  readonly privateLink: string | null;
  /** The normalised name from SNI or Host, null before one was read. */
  readonly serverName: string | null;
  /** `routeKey` or `portKey`, null before one was found. */
  readonly route: string | null;
  /** `org/app/env/process`: that of `backend`, or else the route's first; null before a route was found. */
  readonly service: string | null;
  /** Whether the client offered Encrypted Client Hello, in which case `serverName` is the outer name. */
  readonly hasEch: boolean;
  /** The TLS client's JA4 fingerprint; null where it is not asked for, or no whole hello was read. */
  readonly ja4: string | null;
  /** `address:port` of the last candidate dialled, an IPv6 address in brackets; null before the first. */
  readonly backend: string | null;
  /** Bytes read from the client, a PROXY header and the peeked ones included. */
  readonly bytesFromClient: number;
  /** Bytes read from the backend. */
  readonly bytesFromBackend: number;
  /** Candidates dialled. */
  readonly dials: number;
  /** From the accept to the decision, a refusal among them; null where a deadline or the client was quicker. */
  readonly decideMs: number | null;
  /** From the decision to an established backend connection; null without one. */
  readonly dialMs: number | null;
  /** From the accept to the end. */
  readonly durationMs: number;
}
