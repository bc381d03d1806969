import { domainToASCII } from 'node:url';
import type { Brand } from './brand.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** A DNS name in its one normal form: lower case, A-labels, no trailing dot, at most 253 octets (RFC 1035 §2.3.4). */
export type Hostname = Brand<string, 'Hostname'>;

/** A `Hostname`, `*.` and a `Hostname` (any depth below it), or `*` (the listener's default). */
export type HostPattern = Brand<string, 'HostPattern'>;

const MAX_NAME_OCTETS = 253;
const MAX_LABEL_OCTETS = 63;

const DOT = 0x2e;
const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;

/**
 * Normalises a name as it stands in a ClientHello, a Host header or the route table.
 *
 * Strict: ASCII letters, digits, hyphen and underscore; no empty label, no label with a hyphen at its rim, and no
 * name that ends in an all-digit label, which would be an IPv4 literal (RFC 6066 §3 forbids literals in SNI).
 * Underscores are not host names by RFC 952 but are in use.
 */
export function parseHostname(text: string): Parsed<Hostname> {
  let end = text.length;
  if (end > 0 && text.charCodeAt(end - 1) === DOT) end -= 1;
  if (end === 0) return invalid('is empty');
  if (end > MAX_NAME_OCTETS) return invalid(`is longer than ${MAX_NAME_OCTETS} characters`);

  let labelStart = 0;
  let isUpper = false;
  let isNumeric = true;
  for (let at = 0; at <= end; at += 1) {
    const code = at < end ? text.charCodeAt(at) : DOT;
    if (code === DOT) {
      const problem = labelProblem(text, labelStart, at);
      if (problem !== null) return invalid(problem);
      if (at < end) {
        labelStart = at + 1;
        isNumeric = true;
      }
      continue;
    }
    if (code >= 0x30 && code <= 0x39) continue;
    isNumeric = false;
    if (code >= 0x61 && code <= 0x7a) continue;
    if (code >= 0x41 && code <= 0x5a) {
      isUpper = true;
      continue;
    }
    if (code !== HYPHEN && code !== UNDERSCORE) return invalid(`has the character ${printable(code)}`);
  }
  if (isNumeric) return invalid('is an address or ends in a number, not a name');

  const name = end === text.length ? text : text.slice(0, end);
  return ok((isUpper ? name.toLowerCase() : name) as Hostname);
}

/** Reads what a person typed as a route's name: as `parseHostname`, with wildcards, and with U-labels turned into A-labels. */
export function parseHostPattern(text: string): Parsed<HostPattern> {
  if (text === '*') return ok(text as HostPattern);
  const isWildcard = text.startsWith('*.');
  const typed = isWildcard ? text.slice(2) : text;
  const name = parseHostname(toALabels(typed));
  if (name.kind === 'invalid') return name;
  const pattern = isWildcard ? `*.${name.value}` : name.value;
  return ok(pattern as string as HostPattern);
}

/**
 * UTS #46 by way of the URL parser, only where it is needed: plain ASCII must reach the strict parser as it was typed.
 * So must what the URL parser would cut off or decode by itself, such as a port, a path or `%2e`.
 */
function toALabels(text: string): string {
  const isOrdinary = /^[a-z0-9._\-\u0080-\uffff]*$/i.test(text);
  const isAscii = /^[\0-\x7f]*$/.test(text);
  return isOrdinary && !isAscii ? domainToASCII(text) || text : text;
}

function labelProblem(text: string, start: number, end: number): string | null {
  if (end === start) return 'has an empty label';
  if (end - start > MAX_LABEL_OCTETS) return `has a label longer than ${MAX_LABEL_OCTETS} characters`;
  if (text.charCodeAt(start) === HYPHEN || text.charCodeAt(end - 1) === HYPHEN) {
    return 'has a label that starts or ends with a hyphen';
  }
  return null;
}

function printable(code: number): string {
  if (code === 0x20) return 'space';
  if (code > 0x20 && code < 0x7f) return `"${String.fromCharCode(code)}"`;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
