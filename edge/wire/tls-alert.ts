const ALERT = 21;
const FATAL = 2;

/** TLS 1.2's, which RFC 8446 §5.1 wants of TLS 1.3 too on every record but a first ClientHello. */
const RECORD_VERSION = 0x0303;

/** SSL 3.0's. */
const OLDEST_RECORD_VERSION = 0x0300;

/** The client named a host that the edge does not serve (RFC 6066 §3). */
export const UNRECOGNIZED_NAME: Uint8Array = fatalAlert(112);

/** The client offers no protocol that is served for the host that it named (RFC 7301 §3.2). */
export const NO_APPLICATION_PROTOCOL: Uint8Array = fatalAlert(120);

/** Nothing that the client did: the name is known and cannot be served now (RFC 8446 §6.2). */
export const INTERNAL_ERROR: Uint8Array = fatalAlert(80);

/** What the client sent is no whole ClientHello: lengths that do not fit, or an end that never came (RFC 8446 §6.2). */
export const DECODE_ERROR: Uint8Array = fatalAlert(50);

/** The client speaks a version that cannot be served: SSLv2's framing is no version of TLS (RFC 8446 §6.2, Appendix D.5). */
export const PROTOCOL_VERSION: Uint8Array = fatalAlert(70);

/**
 * An alert for a client whose highest version is `version`, such as 0x0302: an old client may be right to refuse a record
 * of a version that it has not offered (RFC 5246 Appendix E.1).
 */
export function alertIn(version: number, alert: Uint8Array): Uint8Array {
  if (version >= RECORD_VERSION || version < OLDEST_RECORD_VERSION) return alert;
  const older = Uint8Array.from(alert);
  older[2] = version & 0xff;
  return older;
}

/** One record with one alert. Must not be changed: every connection that it answers is sent the same bytes. */
function fatalAlert(description: number): Uint8Array {
  return Uint8Array.of(ALERT, RECORD_VERSION >> 8, RECORD_VERSION & 0xff, 0, 2, FATAL, description);
}
