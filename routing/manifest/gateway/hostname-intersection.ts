import type { HostPattern } from '../../model/hostname.ts';

/** What a listener or a route without hostnames stands for. */
export const ANY_HOST = '*' as HostPattern;

/**
 * The names that a listener's and a route's hostname both match; null where there are none.
 *
 * One of two patterns that overlap always holds the other, since a wildcard stands for whole labels at the front alone,
 * and for one or more of them (Gateway API, Listener.hostname and TLSRoute.hostnames).
 */
export function intersect(listener: HostPattern, route: HostPattern): HostPattern | null {
  if (covers(listener, route)) return route;
  return covers(route, listener) ? listener : null;
}

/**
 * Orders patterns that match the same name: negative where `one` is more specific.
 *
 * Exact before wildcard, then the more labels beside the wildcard the better, and the one for every name last.
 */
export function bySpecificity(one: HostPattern, other: HostPattern): number {
  return rank(other) - rank(one);
}

function covers(pattern: HostPattern, other: HostPattern): boolean {
  if (pattern === ANY_HOST || pattern === other) return true;
  return pattern.startsWith('*.') && other.endsWith(pattern.slice(1));
}

/** More than the labels that fit into a name of 253 octets. */
const EXACT = 128;

function rank(pattern: HostPattern): number {
  if (pattern === ANY_HOST) return 0;
  return pattern.startsWith('*.') ? pattern.split('.').length - 1 : EXACT;
}
