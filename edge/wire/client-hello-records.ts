import { uint8, uint16 } from './uint.ts';

/** How far the records of a hello were walked: what is before `at` need not be looked at again. A plain value. */
export interface HelloCursor {
  /** Where the first record begins that was not whole. */
  readonly at: number;
  /** Bytes of the message before `at`. */
  readonly messageBytes: number;
  /** The first of these, up to 4: the message's type and length (RFC 8446 §4). */
  readonly header: number;
}

/** No answer yet; a cursor for the next call with the same connection's bytes. */
export interface IncompleteHello extends HelloCursor {
  readonly kind: 'incomplete';
  /** The hello takes at least so many bytes in all, records included, by what it has said of itself. */
  readonly leastBytes: number;
}

/** A ClientHello's body, the message header left out, from `start` up to `end`. */
export interface JoinedHello {
  readonly kind: 'joined';
  /** The input itself where the hello is in one record, else a copy without the record headers. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly recordVersion: number;
}

type JoinedRecords = IncompleteHello | { readonly kind: 'malformed'; readonly problem: string } | JoinedHello;

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

/** Before the first byte. */
export const START: IncompleteHello = {
  kind: 'incomplete',
  at: 0,
  messageBytes: 0,
  header: 0,
  leastBytes: RECORD_HEADER_BYTES,
};

/**
 * Finds the first handshake message in the records that `bytes` begin with, without looking into its body. Even the
 * four bytes of the message's own header may be spread over records.
 *
 * `cursor` is `START`, or an earlier answer for the same bytes when there were fewer of them.
 */
export function joinHelloRecords(bytes: Uint8Array, cursor: HelloCursor): JoinedRecords {
  const size = bytes.length;
  let { at, messageBytes, header } = cursor;
  for (;;) {
    const problem = recordProblem(bytes, at);
    if (problem !== null) return malformed(problem);
    const start = at + RECORD_HEADER_BYTES;
    if (start > size) {
      const missing = messageSize(header, messageBytes) - messageBytes;
      return { kind: 'incomplete', at, messageBytes, header, leastBytes: at + inRecords(missing) };
    }
    const end = start + uint16(bytes, at + 3);

    let seen = header;
    let seenBytes = Math.min(messageBytes, MESSAGE_HEADER_BYTES);
    for (let from = start; seenBytes < MESSAGE_HEADER_BYTES && from < end && from < size; from += 1) {
      seen = (seen << 8) | uint8(bytes, from);
      seenBytes += 1;
      const impossible = headerProblem(seen, seenBytes);
      if (impossible !== null) return malformed(impossible);
    }
    const wholeBytes = messageSize(seen, seenBytes);
    // Whatever a client sends next belongs to other keys or waits for the server, so it has a record of its own.
    if (seenBytes === MESSAGE_HEADER_BYTES && messageBytes + end - start > wholeBytes)
      return malformed('its record goes on after the hello');

    if (end > size) {
      const missing = wholeBytes - messageBytes - (end - start);
      return { kind: 'incomplete', at, messageBytes, header, leastBytes: end + inRecords(missing) };
    }
    messageBytes += end - start;
    header = seen;
    if (messageBytes === wholeBytes && seenBytes === MESSAGE_HEADER_BYTES) break;
    at = end;
  }
  const recordVersion = uint16(bytes, 1);
  if (at === 0) {
    const start = RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES;
    return { kind: 'joined', bytes, start, end: RECORD_HEADER_BYTES + messageBytes, recordVersion };
  }
  const message = withoutRecordHeaders(bytes, messageBytes);
  return { kind: 'joined', bytes: message, start: MESSAGE_HEADER_BYTES, end: messageBytes, recordVersion };
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

/** What is wrong with the first `size` bytes of a message's header. */
function headerProblem(header: number, size: number): string | null {
  if (size === 1) return header === CLIENT_HELLO ? null : 'the first message is not a ClientHello';
  if (size < MESSAGE_HEADER_BYTES) return null;
  const bodyBytes = header & 0xffffff;
  if (bodyBytes < MIN_BODY_BYTES) return 'the hello is shorter than any can be';
  return bodyBytes > MAX_BODY_BYTES ? 'the hello is longer than any can be' : null;
}

/** Of the message with its header; the least that it can be while the header is not whole. */
function messageSize(header: number, headerBytes: number): number {
  const bodyBytes = headerBytes < MESSAGE_HEADER_BYTES ? MIN_BODY_BYTES : header & 0xffffff;
  return MESSAGE_HEADER_BYTES + bodyBytes;
}

/** The fewest bytes that so much of a message takes on the wire. */
function inRecords(bytes: number): number {
  return bytes <= 0 ? 0 : bytes + RECORD_HEADER_BYTES * Math.ceil(bytes / MAX_FRAGMENT_BYTES);
}

/** The caller has walked the records that hold the first `messageBytes` of the message. */
function withoutRecordHeaders(bytes: Uint8Array, messageBytes: number): Uint8Array {
  const message = new Uint8Array(messageBytes);
  let at = 0;
  for (let filled = 0; filled < messageBytes; ) {
    const start = at + RECORD_HEADER_BYTES;
    const end = start + uint16(bytes, at + 3);
    // Byte by byte: there may be thousands of records, and a view for each costs more than its copy.
    for (let from = start; from < end; from += 1) {
      message[filled] = uint8(bytes, from);
      filled += 1;
    }
    at = end;
  }
  return message;
}

function malformed(problem: string): JoinedRecords {
  return { kind: 'malformed', problem };
}
