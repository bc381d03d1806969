import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { invalid, ok, type Parsed } from './parsed.ts';

const MAX_PORT = 65_535;

/** Where to bind: an IP address in canonical form (IPv6 without brackets), and a port, 0 for any free one. */
export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** Both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Reads `[::]:443` or `127.0.0.1:8080`. */
export function parseListenAddress(text: string): Parsed<ListenAddress> {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(text) ?? [];
  if (digits === undefined) return invalid(whatIsMissing(text));
  const port = Number(digits);
  if (port > MAX_PORT) return invalid(`has a port above ${MAX_PORT}`);
  if (plain === '') return invalid(`has no address; write "[::]:${port}" for all of them`);
  const address = canonicalAddress(bracketed ?? plain ?? '', bracketed === undefined ? isIPv4 : isIPv6);
  if (address === null)
    return invalid('must be an IP address and a port, like "[::]:443" or "127.0.0.1:8080"');
  return ok({ address, port });
}

/** Reads an address to bind without a port: `[::]`, `::1` or `127.0.0.1`. */
export function parseBindAddress(text: string): Parsed<string> {
  const [, bracketed] = /^\[([^\]]*)\]$/.exec(text) ?? [];
  const address = canonicalAddress(bracketed ?? text, bracketed === undefined ? isIP : isIPv6);
  if (address !== null) return ok(address);
  if (parseListenAddress(text).kind === 'ok')
    return invalid('has a port; a tcp listener takes them from "ports"');
  return invalid('must be an IP address, like "[::]" or "127.0.0.1"');
}

/** Reads an address that clients connect to, for the DNS: `203.0.113.1` or `2001:db8::1`. */
export function parsePublicAddress(text: string): Parsed<string> {
  const address = canonicalAddress(text, isIP);
  if (address === null) return invalid('must be an IP address alone, like 203.0.113.1 or 2001:db8::1');
  if (address.includes('%')) return invalid('has a zone, which means nothing to clients');
  if (address === '::' || address === '0.0.0.0') return invalid('is no address that clients can connect to');
  return ok(address);
}

/** Reads `20000-29999`, or a single port. */
export function parsePortRange(text: string): Parsed<PortRange> {
  const [, from, to] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text) ?? [];
  if (from === undefined) return invalid('is not a range of ports; write first-last, like 20000-29999');
  const first = Number(from);
  const last = Number(to ?? from);
  if (first < 1 || last < 1 || first > MAX_PORT || last > MAX_PORT)
    return invalid(`must be within 1-${MAX_PORT}`);
  if (first > last) return invalid(`runs backwards; write ${last}-${first}`);
  return ok({ first, last });
}

function whatIsMissing(text: string): string {
  if (/^[0-9]+$/.test(text)) return `has no address; write "[::]:${text}" for all of them`;
  if (isIPv4(text)) return `has no port; write "${text}:443"`;
  if (isIPv6(text)) return `needs brackets and a port; write "[${text}]:443"`;
  if (/^\[.*\]$/.test(text)) return `has no port; write "${text}:443"`;
  return 'must be an IP address and a port, like "[::]:443" or "127.0.0.1:8080"';
}

function isIP(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}

/**
 * One spelling for each address, so that two listeners on the same one are seen to be. IPv4-mapped IPv6 (RFC 4291
 * §2.5.5.2) becomes the IPv4 address that it means; a zone, which binding to a link-local address needs, stays.
 */
function canonicalAddress(text: string, isAddress: (text: string) => boolean): string | null {
  if (!isAddress(text)) return null;
  if (isIPv4(text)) return text;
  const [plain = '', zone] = text.split('%');
  const { address } = new SocketAddress({ address: plain, family: 'ipv6' });
  const mapped = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : '';
  if (isIPv4(mapped)) return mapped;
  return zone === undefined ? address : `${address}%${zone}`;
}
