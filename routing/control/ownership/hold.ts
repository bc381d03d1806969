import { childOf, DEFAULT_DOMAIN, type Domain, domainOf, isBelow, isTopLevel } from '../../model/domain.ts';
import type { HostPattern } from '../../model/hostname.ts';
import type { Name } from '../../model/name.ts';
import { conflict, notAllowed, type Refusal } from '../commands/decision.ts';
import type { DomainClaim } from '../events/event.ts';
import { challengeText } from './challenge.ts';
import { nearest, nearestHeld, type StandingClaim } from './standing-claim.ts';

/** Whether an org may route a name. */
export type Hold =
  | { readonly kind: 'held' }
  /** It lies open below a platform domain: this domain is to be taken first. */
  | { readonly kind: 'open'; readonly domain: Domain }
  | Refusal;

/** Says whether an org may route a name, by the claims at the name's domain and above it. */
export function holdOf(org: Name, pattern: HostPattern, claims: readonly StandingClaim[]): Hold {
  const domain = domainOf(pattern);
  const holder = nearestHeld(claims, domain)?.claim;
  if (holder === undefined) return refusalWithoutHolder(org, domain, claims);
  if (holder.isPlatform && isBelow(domain, holder.domain)) {
    return { kind: 'open', domain: childOf(holder.domain, domain) };
  }
  if (holder.org === org) return { kind: 'held' };
  if (holder.isPlatform) {
    return conflict(
      `${pattern} is the org ${holder.org}'s own, ${domain} being its platform domain; take a name below it`,
    );
  }
  return conflict(`${heldBy(holder, domain)}; choose another name, or have them release it`);
}

/**
 * Why an org cannot hold a domain now, null where it can: nobody gets a name that another org holds or has lately
 * released, nor one above it or below it. `claims` are all at the domain, above it and below it.
 *
 * A platform domain shields: what lies above it and what lies below it have nothing to do with each other.
 */
export function refusalToHold(
  wanted: Pick<DomainClaim, 'domain' | 'org' | 'isPlatform'>,
  claims: readonly StandingClaim[],
): Refusal | null {
  const { domain, org } = wanted;
  const standing = claims.filter(({ state }) => state !== 'pending');
  const foreign = standing.filter(({ claim }) => claim.org !== org);
  // What the org has it keeps, whatever was released around it: only closing it can take names from others.
  const own = standing.find(
    ({ claim, state }) => state === 'held' && claim.org === org && claim.domain === domain,
  );
  const refusal = own === undefined ? refusalAtOrAbove(domain, standing, foreign) : null;
  if (refusal !== null || wanted.isPlatform || own?.claim.isPlatform === false) return refusal;
  const below = foreign.find(
    ({ claim }) => isBelow(claim.domain, domain) && !isShielded(claim, domain, standing),
  );
  return below === undefined ? null : refusalFor(below, domain);
}

function refusalAtOrAbove(
  domain: Domain,
  standing: readonly StandingClaim[],
  foreign: readonly StandingClaim[],
): Refusal | null {
  const same = foreign.find(({ claim }) => claim.domain === domain);
  if (same !== undefined) return refusalFor(same, domain);

  // Somebody's domain nearer than one that was released decides alone: it was not released with that.
  const cooling = foreign.filter(({ state }) => state === 'cooling');
  const above = [nearestHeld(standing, domain), nearest(cooling, domain)].filter((claim) => claim !== null);
  const decisive = nearest(above, domain);
  const isTaken = decisive !== null && foreign.includes(decisive) && !decisive.claim.isPlatform;
  return isTaken ? refusalFor(decisive, domain) : null;
}

/** Whether somebody's domain lies between the two: then it was decided there. */
function isShielded(claim: DomainClaim, domain: Domain, standing: readonly StandingClaim[]): boolean {
  return standing.some(
    ({ claim: between, state }) =>
      state === 'held' && isBelow(claim.domain, between.domain) && isBelow(between.domain, domain),
  );
}

function refusalFor({ claim, state, freeAt }: StandingClaim, domain: Domain): Refusal {
  if (state === 'cooling' && freeAt !== null) {
    const which =
      claim.domain === domain ? domain : `${claim.domain}, which ${relation(claim.domain, domain)},`;
    return conflict(
      `${which} was released by another org and is kept from others until ${freeAt.toISOString()}; try again then`,
    );
  }
  return conflict(`${heldBy(claim, domain)}; choose another name, or have them release it`);
}

/** Not more than the name in conflict and its org: what else another tenant has is nobody's business. */
function heldBy(claim: DomainClaim, domain: Domain): string {
  if (claim.domain === domain) return `${domain} is held by the org ${claim.org}`;
  return `${claim.domain}, which ${relation(claim.domain, domain)}, is held by the org ${claim.org}`;
}

function relation(one: Domain, other: Domain): string {
  return isBelow(one, other) ? `lies in ${other}` : `has ${other} in it`;
}

function refusalWithoutHolder(org: Name, domain: Domain, claims: readonly StandingClaim[]): Refusal {
  const own = claims.filter(({ claim, state }) => state === 'pending' && claim.org === org);
  const pending = nearest(own, domain)?.claim;
  if (pending !== undefined) {
    return notAllowed(
      `the org ${org} has claimed ${pending.domain} and not proved it yet; publish ${challengeText(pending.domain, pending.token)}, then \`weir domain verify ${pending.domain} --org ${org}\``,
    );
  }
  const command = `weir domain claim ${domain === DEFAULT_DOMAIN ? "'*'" : domain} --org ${org}`;
  if (domain === DEFAULT_DOMAIN || isTopLevel(domain)) {
    return notAllowed(
      `the org ${org} does not hold ${domain}, which is for the operator to give, with \`${command} --trusted\``,
    );
  }
  return notAllowed(
    `the org ${org} holds no domain that ${domain} lies in; claim one first, as in \`${command}\``,
  );
}
