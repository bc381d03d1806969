import { uint8, uint16 } from './uint.ts';

/** A ClientHello's body, the message header left out, from `start` up to `end`. */
export interface JoinedHello {
  readonly kind: 'joined';
  /** The input itself where the hello is in one record, else a copy without the record headers. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly recordVersion: number;
}

type JoinedRecords =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed'; readonly problem: string }
  | JoinedHello;

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const MAJOR_VERSION = 3;

const RECORD_HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;

/** RFC 8446 §5.1: a plaintext fragment's limit; what encryption may add (§5.2) never applies to a hello. */
const MAX_FRAGMENT_BYTES = 1 << 14;

/** Version, random, an empty session id, one cipher suite, one compression method (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2). */
const MIN_BODY_BYTES = 2 + 32 + 1 + (2 + 2) + (1 + 1);

/** The same with every vector at its longest, and with extensions. */
const MAX_BODY_BYTES = 2 + 32 + (1 + 32) + (2 + 0xfffe) + (1 + 0xff) + (2 + 0xffff);

const INCOMPLETE: JoinedRecords = { kind: 'incomplete' };

/**
 * Finds the first handshake message in the records that `bytes` begin with, without looking into its body. Even the
 * four bytes of the message's own header may be spread over records.
 */
export function joinHelloRecords(bytes: Uint8Array): JoinedRecords {
  const size = bytes.length;
  let header = 0; // the message's type and length, as far as `headerBytes` goes
  let headerBytes = 0;
  let missing = 0; // bytes of the body after the records so far
  let at = 0;
  for (;;) {
    const problem = recordProblem(bytes, at);
    if (problem !== null) return malformed(problem);
    let from = at + RECORD_HEADER_BYTES;
    if (from > size) return INCOMPLETE;
    const end = from + uint16(bytes, at + 3);

    while (headerBytes < MESSAGE_HEADER_BYTES && from < end) {
      if (from >= size) return INCOMPLETE;
      header = (header << 8) | uint8(bytes, from);
      headerBytes += 1;
      from += 1;
      if (headerBytes === 1 && header !== CLIENT_HELLO)
        return malformed('the first message is not a ClientHello');
      if (headerBytes === MESSAGE_HEADER_BYTES) missing = header & 0xffffff;
    }

    const isHeaderRead = headerBytes === MESSAGE_HEADER_BYTES;
    if (isHeaderRead) {
      const bodyBytes = header & 0xffffff;
      if (bodyBytes < MIN_BODY_BYTES) return malformed('the hello is shorter than any can be');
      if (bodyBytes > MAX_BODY_BYTES) return malformed('the hello is longer than any can be');
      missing -= end - from;
      // Whatever a client sends next belongs to other keys or waits for the server, so it has a record of its own.
      if (missing < 0) return malformed('its record goes on after the hello');
    }
    if (end > size) return INCOMPLETE;
    if (isHeaderRead && missing === 0) {
      const recordVersion = uint16(bytes, 1);
      if (at === 0) return { kind: 'joined', bytes, start: from, end, recordVersion };
      const message = withoutRecordHeaders(bytes, MESSAGE_HEADER_BYTES + (header & 0xffffff));
      return {
        kind: 'joined',
        bytes: message,
        start: MESSAGE_HEADER_BYTES,
        end: message.length,
        recordVersion,
      };
    }
    at = end;
  }
}

/** What is wrong with the record header at `at`, as far as it has come. */
function recordProblem(bytes: Uint8Array, at: number): string | null {
  const present = bytes.length - at;
  if (present > 0 && bytes[at] !== HANDSHAKE)
    return 'a record of another type comes before the hello is complete';
  if (present > 1 && bytes[at + 1] !== MAJOR_VERSION) return 'a record has a version that is not 3.x';
  if (present === 4 && uint8(bytes, at + 3) > MAX_FRAGMENT_BYTES >> 8) return TOO_LONG;
  if (present < RECORD_HEADER_BYTES) return null;
  const length = uint16(bytes, at + 3);
  // RFC 8446 §5.1: zero-length fragments of handshake messages must not be sent; they would be free to send for ever.
  if (length === 0) return 'a record is empty';
  return length > MAX_FRAGMENT_BYTES ? TOO_LONG : null;
}

const TOO_LONG = 'a record is longer than 16384 bytes';

/** The caller has walked the records that hold the first `messageBytes` of the message. */
function withoutRecordHeaders(bytes: Uint8Array, messageBytes: number): Uint8Array {
  const message = new Uint8Array(messageBytes);
  let at = 0;
  for (let filled = 0; filled < messageBytes; ) {
    const start = at + RECORD_HEADER_BYTES;
    const end = start + uint16(bytes, at + 3);
    message.set(bytes.subarray(start, end), filled);
    filled += end - start;
    at = end;
  }
  return message;
}

function malformed(problem: string): JoinedRecords {
  return { kind: 'malformed', problem };
}
