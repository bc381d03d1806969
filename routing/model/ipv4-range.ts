import { type Address, parseIpv4Address } from './address.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** IPv4 addresses, both ends included. */
export interface Ipv4Range {
  readonly first: Address;
  readonly last: Address;
}

/** Reads an address, `first-last`, or a CIDR block (all of its addresses) whose host bits are zero. */
export function parseIpv4Range(text: string): Parsed<Ipv4Range> {
  const [from = '', to = from, ...rest] = text.split('-');
  if (rest.length > 0) return invalid('is not an IPv4 address, FIRST-LAST or a CIDR block');
  if (from.includes('/'))
    return to === from ? parseBlock(from) : invalid('must not be a range of CIDR blocks');
  const first = parseIpv4Address(from);
  const last = parseIpv4Address(to);
  if (first.kind === 'invalid') return first;
  if (last.kind === 'invalid') return last;
  if (ipv4Number(last.value) < ipv4Number(first.value)) return invalid('ends before it begins');
  return ok({ first: first.value, last: last.value });
}

/** `203.0.113.7`, or `203.0.113.8-203.0.113.15`: as `parseIpv4Range` reads it. */
export function rangeText({ first, last }: Ipv4Range): string {
  return first === last ? first : `${first}-${last}`;
}

/** Whether they have an address in common. */
export function overlaps(one: Ipv4Range, other: Ipv4Range): boolean {
  return ipv4Number(one.first) <= ipv4Number(other.last) && ipv4Number(other.first) <= ipv4Number(one.last);
}

/** Whether an IPv4 address lies in it. */
export function isInRange(address: Address, range: Ipv4Range): boolean {
  const number = ipv4Number(address);
  return ipv4Number(range.first) <= number && number <= ipv4Number(range.last);
}

/** The address, as the number that its four octets are. */
export function ipv4Number(address: Address): number {
  return address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
}

/** `ipv4Number` back. */
export function ipv4Address(number: number): Address {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.') as string as Address;
}

function parseBlock(text: string): Parsed<Ipv4Range> {
  const [base = '', bits = '', ...rest] = text.split('/');
  const prefix = /^[0-9]{1,2}$/.test(bits) ? Number(bits) : Number.NaN;
  if (rest.length > 0 || !(prefix >= 8 && prefix <= 32)) {
    return invalid('must be an IPv4 CIDR block of /8 to /32');
  }
  const first = parseIpv4Address(base);
  if (first.kind === 'invalid') return first;
  const size = 2 ** (32 - prefix);
  const number = ipv4Number(first.value);
  if (number % size !== 0) {
    return invalid(`does not begin a /${prefix}; write ${ipv4Address(number - (number % size))}/${prefix}`);
  }
  return ok({ first: first.value, last: ipv4Address(number + size - 1) });
}
