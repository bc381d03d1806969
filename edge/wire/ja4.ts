import { hash } from 'node:crypto';
import { peekClientHello } from './client-hello.ts';
import { joinHelloRecords, START } from './client-hello-records.ts';
import { isGrease } from './grease.ts';
import { uint8, uint16 } from './uint.ts';

const SERVER_NAME = 0;
const SIGNATURE_ALGORITHMS = 13;
const ALPN = 16;

const MAX_COUNT = 99;
const HASH_CHARACTERS = 12;
const HASH_OF_NOTHING = '0'.repeat(HASH_CHARACTERS);

/**
 * The JA4 fingerprint of the ClientHello that `bytes` begin with, such as `t13d1516h2_8daaf6152771_e5627efa2ab1`, or
 * null where they are not a whole one.
 *
 * Costs several times what reading the hello does, so ask for it only where somebody looks at it. JA4 is FoxIO's
 * (github.com/FoxIO-LLC/ja4, technical_details/JA4.md), under the BSD 3-clause licence, which the other methods of the
 * JA4+ family are not.
 */
export function ja4(bytes: Uint8Array): string | null {
  const hello = peekClientHello(bytes);
  if (hello.kind !== 'hello') return null;
  const { suites, extensions, signatureAlgorithms } = readLists(bytes);

  const version = VERSIONS.get(highest(hello.supportedVersions) ?? hello.legacyVersion) ?? '00';
  const destination = hello.serverName === null ? 'i' : 'd';
  const traits = `t${version}${destination}${count(suites)}${count(extensions)}${alpnMark(hello.alpn[0])}`;

  const named = extensions.filter((type) => type !== SERVER_NAME && type !== ALPN);
  const offered = signatureAlgorithms.length === 0 ? '' : `_${hexList(signatureAlgorithms)}`;
  return `${traits}_${hashed(suites, '')}_${hashed(named, offered)}`;
}

/** By supported_versions or legacy_version; what is missing is "00". */
const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
]);

/** In the client's order and without GREASE, which a fingerprint has to ignore wherever it stands. */
interface Lists {
  readonly suites: readonly number[];
  readonly extensions: readonly number[];
  readonly signatureAlgorithms: readonly number[];
}

const NOTHING: Lists = { suites: [], extensions: [], signatureAlgorithms: [] };

/** The caller has made sure of a whole hello whose lengths fit. */
function readLists(bytes: Uint8Array): Lists {
  const joined = joinHelloRecords(bytes, START);
  if (joined.kind !== 'joined') return NOTHING;
  const { bytes: body, start, end } = joined;
  const suitesAt = start + 34 + 1 + uint8(body, start + 34);
  const compressionAt = suitesAt + 2 + uint16(body, suitesAt);
  const suites = readValues(body, suitesAt + 2, compressionAt);

  const extensions: number[] = [];
  let signatureAlgorithms: readonly number[] = [];
  for (let at = compressionAt + 1 + uint8(body, compressionAt) + 2; at < end; ) {
    const type = uint16(body, at);
    const from = at + 4;
    const to = from + uint16(body, at + 2);
    if (!isGrease(type)) extensions.push(type);
    if (type === SIGNATURE_ALGORITHMS) signatureAlgorithms = readValues(body, from + 2, to);
    at = to;
  }
  return { suites, extensions, signatureAlgorithms };
}

function readValues(bytes: Uint8Array, start: number, end: number): readonly number[] {
  const values: number[] = [];
  for (let at = start; at + 2 <= end; at += 2) {
    const value = uint16(bytes, at);
    if (!isGrease(value)) values.push(value);
  }
  return values;
}

function highest(versions: readonly number[]): number | null {
  return versions.length === 0 ? null : Math.max(...versions);
}

function count(values: readonly number[]): string {
  return String(Math.min(values.length, MAX_COUNT)).padStart(2, '0');
}

/**
 * First and last character of the first protocol, "00" without one. Where either is no ASCII letter or digit, the first
 * and last digit of its bytes in hexadecimal.
 */
function alpnMark(protocol: string | undefined): string {
  if (protocol === undefined) return '00';
  const first = protocol.charAt(0);
  const last = protocol.charAt(protocol.length - 1);
  if (ALPHANUMERIC.test(first) && ALPHANUMERIC.test(last)) return first + last;
  return (first.charCodeAt(0) >> 4).toString(16) + (last.charCodeAt(0) & 0xf).toString(16);
}

const ALPHANUMERIC = /^[0-9A-Za-z]$/;

/** Twelve characters of the SHA-256 of the sorted list, with `suffix` behind it. */
function hashed(values: readonly number[], suffix: string): string {
  if (values.length === 0) return HASH_OF_NOTHING;
  const sorted = values.toSorted((one, other) => one - other);
  return hash('sha256', hexList(sorted) + suffix).slice(0, HASH_CHARACTERS);
}

function hexList(values: readonly number[]): string {
  return values.map((value) => `${hexByte(value >> 8)}${hexByte(value & 0xff)}`).join(',');
}

function hexByte(value: number): string {
  return HEX[value] ?? '';
}

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));
