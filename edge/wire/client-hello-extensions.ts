import { isGrease } from './grease.ts';
import { latin1 } from './latin1.ts';
import { uint8, uint16 } from './uint.ts';

const HOST_NAME = 0;
/** A DNS name in presentation form with its trailing dot has 254 at most; longer ones are only work for us. */
const MAX_HOST_NAME_BYTES = 255;
/** Ten times what any client offers: a list of thousands would take many times its bytes in memory. */
const MAX_PROTOCOLS = 128;

/**
 * What is wrong with a server_name extension from `start` up to `end`, or null.
 *
 * RFC 6066 §3: list length (2), name type (1), name length (2), name. No type but host_name was ever defined and a type
 * may be there once, so a list with more than one entry can only be there to be read differently by somebody else.
 */
export function serverNameProblem(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start < 5) return 'the server name list is cut off';
  if (uint16(bytes, start) !== end - start - 2) return 'the server name list has a length that does not fit';
  if (uint8(bytes, start + 2) !== HOST_NAME) return 'the server name is not a host_name';
  const length = uint16(bytes, start + 3);
  if (length !== end - start - 5) return 'the server name list does not hold exactly one name';
  if (length === 0) return 'the server name is empty';
  return length > MAX_HOST_NAME_BYTES ? 'the server name is longer than 255 bytes' : null;
}

/** Where the name begins in an extension at `start` that has no problem; it goes to the extension's end. */
export function serverNameStart(start: number): number {
  return start + 5;
}

/**
 * RFC 7301 §3.1: at least one name, none of them empty; null where the lengths do not fit or there are more than 128.
 * The list is shared with other hellos and must not be changed.
 */
export function readProtocols(bytes: Uint8Array, start: number, end: number): readonly string[] | null {
  if (end - start < 4 || uint16(bytes, start) !== end - start - 2) return null;
  const names = start + 2;
  for (const common of COMMON_PROTOCOLS) {
    if (isAt(common.bytes, bytes, names, end)) return common.protocols;
  }
  const protocols: string[] = [];
  for (let at = names; at < end; ) {
    const length = uint8(bytes, at);
    const next = at + 1 + length;
    if (length === 0 || next > end || protocols.length === MAX_PROTOCOLS) return null;
    protocols.push(latin1(bytes, at + 1, next));
    at = next;
  }
  return protocols;
}

/** What nearly every client offers: a list that is known needs no memory of its own. */
const COMMON_PROTOCOLS = [['h2', 'http/1.1'], ['http/1.1'], ['h2'], ['acme-tls/1']].map((protocols) => ({
  protocols: Object.freeze(protocols),
  bytes: Buffer.concat(protocols.map((name) => Buffer.from([name.length, ...Buffer.from(name)]))),
}));

function isAt(expected: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== expected.length) return false;
  for (let at = 0; at < expected.length; at += 1) {
    if (bytes[start + at] !== expected[at]) return false;
  }
  return true;
}

/**
 * RFC 8446 §4.2.1: a length of one byte, then versions of two; null where that does not fit. GREASE is left out, and
 * the list is shared with other hellos and must not be changed.
 */
export function readVersions(bytes: Uint8Array, start: number, end: number): readonly number[] | null {
  const size = end - start - 1;
  if (size < 2 || size % 2 !== 0 || uint8(bytes, start) !== size) return null;
  for (const versions of COMMON_VERSIONS) {
    if (areVersions(versions, bytes, start + 1, end)) return versions;
  }
  const versions: number[] = [];
  for (let at = start + 1; at < end; at += 2) {
    const version = uint16(bytes, at);
    if (!isGrease(version)) versions.push(version);
  }
  return versions;
}

const COMMON_VERSIONS = [[0x0304, 0x0303], [0x0304], [0x0304, 0x0303, 0x0302, 0x0301]].map((versions) =>
  Object.freeze(versions),
);

function areVersions(versions: readonly number[], bytes: Uint8Array, start: number, end: number): boolean {
  let found = 0;
  for (let at = start; at < end; at += 2) {
    const version = uint16(bytes, at);
    if (isGrease(version)) continue;
    if (versions[found] !== version) return false;
    found += 1;
  }
  return found === versions.length;
}
