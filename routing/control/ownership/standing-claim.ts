import { type Domain, isBelow } from '../../model/domain.ts';
import type { DomainClaim } from '../events/event.ts';

/** What one org has to say about one domain at this moment. */
export interface StandingClaim {
  readonly claim: DomainClaim;
  /** `cooling`: was released, and is kept from other orgs. */
  readonly state: 'pending' | 'held' | 'cooling';
  /** When it has cooled down; null unless it is cooling. */
  readonly freeAt: Date | null;
}

/** The claim that a domain falls under: the held one at it or nearest above it, null where nobody holds any. */
export function nearestHeld(claims: readonly StandingClaim[], domain: Domain): StandingClaim | null {
  return nearest(
    claims.filter(({ state }) => state === 'held'),
    domain,
  );
}

/** The claim at the domain, or nearest above it. */
export function nearest(claims: readonly StandingClaim[], domain: Domain): StandingClaim | null {
  let found: StandingClaim | null = null;
  for (const each of claims) {
    const at = each.claim.domain;
    if (at !== domain && !isBelow(domain, at)) continue;
    if (found === null || at.length > found.claim.domain.length) found = each;
  }
  return found;
}
