import type { Brand } from './brand.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** An ALPN protocol id as it stands in text, byte for byte as clients send it: `h2`, `acme-tls/1`. */
export type AlpnProtocol = Brand<string, 'AlpnProtocol'>;

/** RFC 7301 §3.1: a length of one byte, and no empty names. */
const MAX_PROTOCOL_BYTES = 255;

const PROTOCOL = /^[A-Za-z0-9._~+:/-]+$/;

/**
 * Reads a protocol id: 1 to 255 of the letters, digits and `.`, `_`, `~`, `+`, `:`, `/`, `-` of ASCII, which all ids of the
 * IANA registry are made of. Upper and lower case are different ids.
 *
 * An id may be any bytes (RFC 7301 §3.1). Left out is what could be taken for something else where an id is written: white
 * space, control characters and what is not ASCII (GREASE ids among them, which nobody speaks, RFC 8701 §3.1), `,` and `#`,
 * quotes, and whatever else a shell, YAML or a URL gives a meaning.
 */
export function parseAlpnProtocol(text: string): Parsed<AlpnProtocol> {
  if (text.length === 0) return invalid('is empty');
  if (text.length > MAX_PROTOCOL_BYTES) return invalid(`is longer than ${MAX_PROTOCOL_BYTES} characters`);
  if (!PROTOCOL.test(text))
    return invalid('must be of a-z, A-Z, 0-9, ".", "_", "~", "+", ":", "/" and "-" only');
  return ok(text as AlpnProtocol);
}

/** Between a hostname and the protocol; with its spaces it can be in neither. */
const MARK = ' alpn ';

/** What comes after a route's hostname wherever the route is named: ` alpn h2`, and nothing where it asks for none. */
export function alpnSuffix(alpn: string | null): string {
  return alpn === null ? '' : `${MARK}${alpn}`;
}

/** Takes a hostname and its `alpnSuffix` apart again. */
export function splitAlpnSuffix(text: string): { readonly pattern: string; readonly alpn: string | null } {
  const at = text.indexOf(MARK);
  return at === -1
    ? { pattern: text, alpn: null }
    : { pattern: text.slice(0, at), alpn: text.slice(at + MARK.length) };
}

/** What is wrong with a route that asks for a protocol; null where its listener reads what clients offer, or it asks for none. */
export function alpnProblem(route: { readonly listener: string; readonly alpn: string | null }): {
  readonly field: 'alpn';
  readonly problem: string;
} | null {
  if (route.alpn === null || route.listener === 'tls') return null;
  return { field: 'alpn', problem: 'is possible on the tls listener only' };
}
