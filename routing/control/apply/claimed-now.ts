import { isBelow } from '../../model/domain.ts';
import { notAllowed, type Refusal } from '../commands/decision.ts';
import type { DomainClaim } from '../events/event.ts';
import type { ApplyStep } from './step.ts';

/** A claim that an apply has recorded, and that is gone again where the apply is refused. */
export type ClaimedNow = Pick<DomainClaim, 'domain' | 'org'>;

/**
 * The refusal of a step as it is true outside of the transaction. Where a domain is claimed only in this apply, the
 * refusal would name the claim's record, which nobody would ever ask for.
 */
export function refusalToShow(
  refusal: Refusal,
  { needs }: ApplyStep,
  claimedNow: readonly ClaimedNow[],
): Refusal {
  if (refusal.kind !== 'not-allowed' || needs === null) return refusal;
  const { domain, org } = needs;
  const claim = claimedNow.find(
    (each) => each.org === org && (each.domain === domain || isBelow(domain, each.domain)),
  );
  if (claim === undefined) return refusal;
  return notAllowed(
    `the org ${org} claims ${claim.domain} with this apply only, and has to prove it before it can route a name in it; ` +
      `apply the claim alone first, publish the record that it answers with, then \`weir domain verify ${claim.domain} --org ${org}\`, and apply this again`,
  );
}
