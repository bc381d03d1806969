import type { ClientHello } from './client-hello.ts';
import type { JoinedHello } from './client-hello-records.ts';
import { latin1 } from './latin1.ts';
import { uint8, uint16 } from './uint.ts';

type HelloBody = ClientHello | { readonly kind: 'malformed'; readonly problem: string };

const MAJOR_VERSION = 3;
const MAX_SESSION_ID_BYTES = 32;

/** RFC 6066 §3, RFC 7301 §3.1, RFC 9849 §5. */
const SERVER_NAME = 0;
const ALPN = 16;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;

const HOST_NAME = 0;
/** A DNS name in presentation form with its trailing dot has 254 at most; longer ones are only work for us. */
const MAX_HOST_NAME_BYTES = 255;

const NO_PROTOCOLS: readonly string[] = [];

/**
 * Reads a whole ClientHello body (RFC 8446 §4.1.2). Every length must fit exactly: a hello that two parsers can read
 * differently is a hello that is routed by one name and served under another.
 */
export function readHelloBody({ bytes, start, end, recordVersion }: JoinedHello): HelloBody {
  // The records' walk has made sure of the 41 bytes of the shortest body, so everything to the suites is inside.
  if (bytes[start] !== MAJOR_VERSION) return malformed('the client version is not 3.x');
  let at = start + 2 + 32;

  const sessionIdBytes = uint8(bytes, at);
  if (sessionIdBytes > MAX_SESSION_ID_BYTES) return malformed('the session id is longer than 32 bytes');
  at += 1 + sessionIdBytes;

  if (at + 2 > end) return malformed('it ends before the cipher suites');
  const suiteBytes = uint16(bytes, at);
  if (suiteBytes < 2 || suiteBytes % 2 !== 0) return malformed('the cipher suites have an impossible length');
  at += 2 + suiteBytes;

  if (at + 1 > end) return malformed('it ends before the compression methods');
  const compressionBytes = uint8(bytes, at);
  if (compressionBytes === 0) return malformed('it has no compression method');
  at += 1 + compressionBytes;

  // TLS 1.2 and older may do without extensions.
  if (at === end) {
    return { kind: 'hello', serverName: null, alpn: NO_PROTOCOLS, hasEch: false, recordVersion };
  }
  if (at + 2 > end || at + 2 + uint16(bytes, at) !== end) {
    return malformed('the extensions do not end where the hello ends');
  }
  return readExtensions({ kind: 'joined', bytes, start: at + 2, end, recordVersion });
}

function readExtensions({ bytes, start, end, recordVersion }: JoinedHello): HelloBody {
  let serverName: string | null = null;
  let alpn = NO_PROTOCOLS;
  let hasEch = false;
  let seenLow = 0; // a bit for each type below 32, which most are
  let seenHigh: Set<number> | null = null; // a hostile hello may have thousands: never compare each with each

  for (let at = start; at < end; ) {
    if (at + 4 > end) return malformed('an extension is cut off');
    const type = uint16(bytes, at);
    const from = at + 4;
    const to = from + uint16(bytes, at + 2);
    if (to > end) return malformed('an extension is longer than the extensions');

    if (type < 32) {
      const bit = 1 << type;
      if ((seenLow & bit) !== 0) return malformed(DUPLICATE);
      seenLow |= bit;
    } else {
      seenHigh ??= new Set();
      if (seenHigh.has(type)) return malformed(DUPLICATE);
      seenHigh.add(type);
    }

    if (type === SERVER_NAME) {
      const problem = serverNameProblem(bytes, from, to);
      if (problem !== null) return malformed(problem);
      serverName = latin1(bytes, from + 5, to);
    } else if (type === ALPN) {
      const protocols = readProtocols(bytes, from, to);
      if (protocols === null) return malformed('the ALPN list has lengths that do not fit');
      alpn = protocols;
    } else if (type === ENCRYPTED_CLIENT_HELLO) {
      hasEch = true;
    }
    at = to;
  }
  return { kind: 'hello', serverName, alpn, hasEch, recordVersion };
}

const DUPLICATE = 'an extension is there twice';

/**
 * RFC 6066 §3: list length (2), name type (1), name length (2), name. No type but host_name was ever defined and a type
 * may be there once, so a list with more than one entry can only be there to be read differently by somebody else.
 */
function serverNameProblem(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start < 5) return 'the server name list is cut off';
  if (uint16(bytes, start) !== end - start - 2) return 'the server name list has a length that does not fit';
  if (uint8(bytes, start + 2) !== HOST_NAME) return 'the server name is not a host_name';
  const length = uint16(bytes, start + 3);
  if (length !== end - start - 5) return 'the server name list does not hold exactly one name';
  if (length === 0) return 'the server name is empty';
  return length > MAX_HOST_NAME_BYTES ? 'the server name is longer than 255 bytes' : null;
}

/** RFC 7301 §3.1: at least one name, none of them empty; null where the lengths do not fit. */
function readProtocols(bytes: Uint8Array, start: number, end: number): readonly string[] | null {
  if (end - start < 4 || uint16(bytes, start) !== end - start - 2) return null;
  const protocols: string[] = [];
  for (let at = start + 2; at < end; ) {
    const length = uint8(bytes, at);
    const next = at + 1 + length;
    if (length === 0 || next > end) return null;
    protocols.push(latin1(bytes, at + 1, next));
    at = next;
  }
  return protocols;
}

function malformed(problem: string): HelloBody {
  return { kind: 'malformed', problem };
}
