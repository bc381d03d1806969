/** RFC 9113 §4.1 and §6: frame types, and §7: the error code. */
const SETTINGS = 4;
const GOAWAY = 7;
const HTTP_1_1_REQUIRED = 0x0d;

/**
 * What a client that starts HTTP/2 without TLS is told: an empty SETTINGS, which must come first from a server (RFC 9113
 * §3.4), then GOAWAY with HTTP_1_1_REQUIRED before any stream, and a line of debug data for whoever looks at it. An
 * HTTP/1.1 status line would only be reported as a broken frame.
 */
export const HTTP2_REFUSAL: Uint8Array = Buffer.concat([
  frame(SETTINGS, Buffer.alloc(0)),
  frame(
    GOAWAY,
    Buffer.concat([
      Buffer.alloc(4),
      Buffer.of(0, 0, 0, HTTP_1_1_REQUIRED),
      Buffer.from('This port speaks HTTP/1.1; HTTP/2 needs TLS.'),
    ]),
  ),
]);

/** On stream 0 and without flags. */
function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  return Buffer.concat([header, payload]);
}
