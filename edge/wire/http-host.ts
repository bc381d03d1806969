import { isIPv6 } from 'node:net';

/** The host of an authority, without port and brackets and otherwise as it was sent, or a clause that says what is wrong. */
export type HttpHost =
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'malformed'; readonly problem: string };

/** RFC 3986 §3.2.2: reg-name, which an IPv4 address is too. */
const REG_NAME = /^(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/;
/** RFC 3986 §3.2.3 lets it be empty. */
const PORT = /^[0-9]{0,5}$/;
const MAX_PORT = 65535;

/**
 * Reads `host[:port]` as it stands in a Host field or an absolute target (RFC 9110 §7.2, RFC 3986 §3.2). User
 * information is refused (RFC 9110 §4.2.4), and so is the empty host, which no http URI may have (§4.2.1).
 */
export function parseHttpHost(authority: string): HttpHost {
  if (authority === '') return malformed('is empty');
  const hostEnd = authority.startsWith('[') ? authority.indexOf(']') + 1 : endOfName(authority);
  const rest = authority.slice(hostEnd);
  if (rest !== '' && !rest.startsWith(':')) return malformed('is not HOST or HOST:PORT');
  const port = rest.slice(1);
  if (!PORT.test(port) || Number(port) > MAX_PORT) return malformed('has a port that is not one');

  const host = authority.slice(0, hostEnd);
  if (host.startsWith('[')) {
    const address = host.slice(1, -1);
    if (!isIPv6(address) || address.includes('%'))
      return malformed('has brackets around what is no IPv6 address');
    return { kind: 'host', host: address };
  }
  return REG_NAME.test(host) ? { kind: 'host', host } : malformed('has a character that no host has');
}

function endOfName(authority: string): number {
  const colon = authority.indexOf(':');
  return colon < 0 ? authority.length : colon;
}

function malformed(problem: string): HttpHost {
  return { kind: 'malformed', problem };
}
