import { ipv4Bits, ipv6Bytes } from './ip-bytes.ts';
import { ipv6Text } from './ip-text.ts';
import { latin1 } from './latin1.ts';
import type { ProxyHeader, ProxyHeaderPeek } from './proxy-header.ts';
import { NO_TLVS } from './proxy-v2-tlvs.ts';

/** §2.1: "PROXY UNKNOWN", two of the longest addresses, two of the longest ports, CR and LF. */
const MAX_LINE_BYTES = 107;

const CR = 0x0d;
const LF = 0x0a;

const BEGINNINGS = ['PROXY TCP4 ', 'PROXY TCP6 ', 'PROXY UNKNOWN ', 'PROXY UNKNOWN\r'] as const;

/** §2.1: no sign, no leading zeroes, 0 to 65535; the limit is looked at afterwards. */
const PORT = /^(?:0|[1-9][0-9]{0,4})$/;

/**
 * Reads a version 1 header, one line of text (PROXY protocol §2.1). The caller has seen "PROXY". What cannot become a
 * header any more is refused without waiting for the line's end.
 */
export function parseProxyV1(bytes: Uint8Array): ProxyHeaderPeek {
  const size = Math.min(bytes.length, MAX_LINE_BYTES);
  const beginning = latin1(bytes, 0, Math.min(size, MAX_BEGINNING_BYTES));
  if (!BEGINNINGS.some((each) => each.startsWith(beginning) || beginning.startsWith(each)))
    return malformed('after "PROXY" comes neither TCP4 nor TCP6 nor UNKNOWN');

  const end = endOfLine(bytes, size);
  if (end < size) {
    // The receiver must not take a CR or LF alone for the line's end.
    if (bytes[end] === LF || (end + 1 < size && bytes[end + 1] !== LF))
      return malformed('its line does not end in CR LF');
    if (end + 1 < size) return parseLine(latin1(bytes, 0, end));
  }
  return size < MAX_LINE_BYTES ? { kind: 'incomplete' } : malformed('its line is longer than 107 bytes');
}

const MAX_BEGINNING_BYTES = Math.max(...BEGINNINGS.map(({ length }) => length));

function endOfLine(bytes: Uint8Array, size: number): number {
  let at = 0;
  while (at < size && bytes[at] !== CR && bytes[at] !== LF) at += 1;
  return at;
}

/** @param line Without its CR LF. */
function parseLine(line: string): ProxyHeaderPeek {
  const consumed = line.length + 2;
  const [, family, ...fields] = line.split(' ');
  // Whatever else stands in the line, the receiver must ignore it.
  if (family === 'UNKNOWN') return header(consumed, null);

  const [source = '', destination = '', sourcePort = '', destinationPort = '', ...more] = fields;
  if (more.length > 0) return malformed('it has more than two addresses and two ports');
  const canonical = family === 'TCP4' ? canonicalIpv4 : canonicalIpv6;
  const from = canonical(source);
  const to = canonical(destination);
  if (from === null || to === null)
    return malformed(`it does not have two ${family === 'TCP4' ? 'IPv4' : 'IPv6'} addresses`);
  if (!isPort(sourcePort) || !isPort(destinationPort)) return malformed('it does not have two ports');
  return header(consumed, {
    source: { address: from, port: Number(sourcePort) },
    destination: { address: to, port: Number(destinationPort) },
  });
}

function canonicalIpv4(text: string): string | null {
  return ipv4Bits(text) < 0 ? null : text;
}

function canonicalIpv6(text: string): string | null {
  const bytes = ipv6Bytes(text);
  return bytes === null ? null : ipv6Text(bytes, 0);
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= 0xffff;
}

function header(consumed: number, ends: ProxyHeader['ends']): ProxyHeader {
  return { kind: 'header', version: 1, consumed, ends, tlvs: NO_TLVS };
}

function malformed(problem: string): ProxyHeaderPeek {
  return { kind: 'malformed', problem };
}
