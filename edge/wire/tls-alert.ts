const ALERT = 21;
const FATAL = 2;

/**
 * RFC 8446 §5.1 wants 0x0303 on every record but a first ClientHello, and clients of older versions take any 3.x before
 * the server's hello has fixed one.
 */
const RECORD_VERSION = [3, 3] as const;

/** The client named a host that the edge does not serve (RFC 6066 §3). */
export const UNRECOGNIZED_NAME: Uint8Array = fatalAlert(112);

/** Nothing that the client did: the name is known and cannot be served now (RFC 8446 §6.2). */
export const INTERNAL_ERROR: Uint8Array = fatalAlert(80);

/** What the client sent is no whole ClientHello: lengths that do not fit, or an end that never came (RFC 8446 §6.2). */
export const DECODE_ERROR: Uint8Array = fatalAlert(50);

/** The client speaks a version that cannot be served: SSLv2's framing is no version of TLS (RFC 8446 §6.2, Appendix D.5). */
export const PROTOCOL_VERSION: Uint8Array = fatalAlert(70);

/** One record with one alert. Must not be changed: every connection that it answers is sent the same bytes. */
function fatalAlert(description: number): Uint8Array {
  return Uint8Array.of(ALERT, ...RECORD_VERSION, 0, 2, FATAL, description);
}
