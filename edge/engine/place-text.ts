import type { Candidate } from '../connection/plan.ts';

/** `address:port` for the outcome: an IPv6 address in brackets, since it is followed by a port (RFC 3986 §3.2.2). */
export function placeText({ address, port }: Candidate): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
