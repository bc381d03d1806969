import type { ClientHello, EchOffer } from './client-hello.ts';
import {
  readProtocols,
  readVersions,
  serverNameProblem,
  serverNameStart,
} from './client-hello-extensions.ts';
import type { JoinedHello } from './client-hello-records.ts';
import { ExtensionTypes } from './extension-types.ts';
import { latin1 } from './latin1.ts';
import { uint8, uint16 } from './uint.ts';

type HelloBody = ClientHello | { readonly kind: 'malformed'; readonly problem: string };

const MAJOR_VERSION = 3;
const MAX_SESSION_ID_BYTES = 32;

/** RFC 6066 §3, RFC 7301 §3.1, RFC 8446 §4.2, RFC 9849 §5. */
const SERVER_NAME = 0;
const ALPN = 16;
const PRE_SHARED_KEY = 41;
const SUPPORTED_VERSIONS = 43;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;

const NO_PROTOCOLS: readonly string[] = [];
const NO_VERSIONS: readonly number[] = [];

/**
 * Reads a whole ClientHello body (RFC 8446 §4.1.2). Every length must fit exactly: a hello that two parsers can read
 * differently is a hello that is routed by one name and served under another.
 */
export function readHelloBody(hello: JoinedHello): HelloBody {
  const { bytes, start, end } = hello;
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
  if (at === end) return readExtensions(hello, end);
  if (at + 2 > end || at + 2 + uint16(bytes, at) !== end) {
    return malformed('the extensions do not end where the hello ends');
  }
  return readExtensions(hello, at + 2);
}

/** `first` is where the first extension begins. */
function readExtensions({ bytes, start, end, recordVersion }: JoinedHello, first: number): HelloBody {
  const types = new ExtensionTypes();
  let serverName: string | null = null;
  let alpn = NO_PROTOCOLS;
  let supportedVersions = NO_VERSIONS;
  let ech: EchOffer | null = null;

  for (let at = first; at < end; ) {
    if (at + 4 > end) return malformed('an extension is cut off');
    const type = uint16(bytes, at);
    const from = at + 4;
    const to = from + uint16(bytes, at + 2);
    if (to > end) return malformed('an extension is longer than the extensions');
    if (!types.add(type)) return malformed('an extension is there twice');

    if (type === SERVER_NAME) {
      const problem = serverNameProblem(bytes, from, to);
      if (problem !== null) return malformed(problem);
      serverName = latin1(bytes, serverNameStart(from), to);
    } else if (type === ALPN) {
      const protocols = readProtocols(bytes, from, to);
      if (protocols === null) return malformed('the ALPN list has lengths that do not fit or too many names');
      alpn = protocols;
    } else if (type === SUPPORTED_VERSIONS) {
      const versions = readVersions(bytes, from, to);
      if (versions === null) return malformed('the supported versions have an impossible length');
      supportedVersions = versions;
    } else if (type === ENCRYPTED_CLIENT_HELLO) {
      ech = from === to ? 'unknown' : echOffer(uint8(bytes, from));
    } else if (type === PRE_SHARED_KEY && to !== end) {
      // RFC 8446 §4.2.11: the binders cover all that comes before them, so what comes after could be anybody's.
      return malformed('pre_shared_key is not the last extension');
    }
    at = to;
  }
  const legacyVersion = uint16(bytes, start);
  return { kind: 'hello', serverName, alpn, supportedVersions, legacyVersion, ech, recordVersion };
}

function echOffer(type: number): EchOffer {
  if (type === 0) return 'outer';
  return type === 1 ? 'inner' : 'unknown';
}

function malformed(problem: string): HelloBody {
  return { kind: 'malformed', problem };
}
