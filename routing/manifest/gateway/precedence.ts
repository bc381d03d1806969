import type { HostPattern } from '../../model/hostname.ts';
import { bySpecificity } from './hostname-intersection.ts';
import type { GatewayRoute } from './read-resources.ts';

/** A route's wish for one hostname or one port. */
export interface Claim {
  /** `tls/www.example.com`, `port/5432`: what only one route can have. */
  readonly key: string;
  readonly route: GatewayRoute;
  /** Of the listener that it comes through; `*` for a port. */
  readonly listener: HostPattern;
  /** As the route has it, before the listener narrowed it; `*` for a port. */
  readonly original: HostPattern;
}

/**
 * Finds who gets what: the best claim on each key.
 *
 * Which route a name goes to where several patterns match it is up to the table, exact before the longest wildcard.
 * Here it is about the same pattern: the more specific listener first, since a name belongs to one listener alone; then
 * the more specific of the hostnames as the routes have them (GatewayRouteHostnameIntersectionPrecedence); then the
 * older route; then the one whose `namespace/name` is first in the alphabet (Gateway API, Listener.allowedRoutes).
 */
export function winners<One extends Claim>(claims: readonly One[]): ReadonlyMap<string, One> {
  const best = new Map<string, One>();
  for (const claim of claims) {
    const other = best.get(claim.key);
    if (other === undefined || compare(claim, other) < 0) best.set(claim.key, claim);
  }
  return best;
}

/** Says why `winner` goes before `loser`, as a clause about the winner. */
export function whyBefore(winner: Claim, loser: Claim): string {
  if (bySpecificity(winner.listener, loser.listener) < 0) return `whose listener is for ${winner.listener}`;
  if (bySpecificity(winner.original, loser.original) < 0)
    return `whose hostname ${winner.original} is more specific`;
  return winner.route.createdAt < loser.route.createdAt
    ? 'which is older'
    : 'whose name is first in the alphabet';
}

function compare(one: Claim, other: Claim): number {
  return (
    bySpecificity(one.listener, other.listener) ||
    bySpecificity(one.original, other.original) ||
    byAge(one.route, other.route) ||
    byText(one.route.namespace, other.route.namespace) ||
    byText(one.route.name, other.route.name)
  );
}

/** Two routes that are in no cluster yet are of one age; infinity less infinity would be no number. */
function byAge({ createdAt: one }: GatewayRoute, { createdAt: other }: GatewayRoute): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function byText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
