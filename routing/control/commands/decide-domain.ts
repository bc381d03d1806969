import { DEFAULT_DOMAIN, type Domain, isBelow, isTopLevel } from '../../model/domain.ts';
import type { Route } from '../../model/route.ts';
import { orgOf } from '../../model/service.ts';
import type { ControlEvent, DomainClaim } from '../events/event.ts';
import { challengeName, challengeText, isProvedBy } from '../ownership/challenge.ts';
import { holdOf, refusalToHold } from '../ownership/hold.ts';
import { nearestHeld, type StandingClaim } from '../ownership/standing-claim.ts';
import type { TxtAnswer } from '../ownership/txt-lookup.ts';
import { conflict, type Decision, notAllowed, notFound, record, UNCHANGED } from './decision.ts';
import type { ClaimRequest, DomainIdentity } from './parse-ownership.ts';

/** What an org says of a domain after the last event of the stream, null where it says nothing. */
export function claimAfter(last: ControlEvent | null): DomainClaim | null {
  return last?.type === 'domain.claimed' || last?.type === 'domain.granted' ? last.payload : null;
}

/**
 * Records a claim that has to be proved, or, where the operator vouches for it, that the domain is held. `claims` are all
 * at the domain, above it and below it; `newToken` is for a claim that has none yet.
 */
export function decideClaimDomain(
  present: DomainClaim | null,
  request: ClaimRequest,
  { claims, newToken }: { readonly claims: readonly StandingClaim[]; readonly newToken: string },
): Decision {
  const { domain, org, isTrusted } = request;
  const proof = proofOf(present, request);
  const isPlatform = isPlatformAfter(present, request);
  const token = tokenOf(present, request) ?? (proof === 'none' ? newToken : '');
  const wanted: DomainClaim = { domain, org, token, proof, isPlatform };
  if (present !== null && isSame(present, wanted)) return UNCHANGED;
  const reason = isTrusted ? null : reasonToBeTrusted(wanted, request);
  if (reason !== null) return notAllowed(reason);

  const considered = request.skipCoolDown ? claims.filter(({ state }) => state !== 'cooling') : claims;
  const refusal = refusalToHold(wanted, considered);
  if (refusal !== null) return present?.isPlatform === true && !isPlatform ? refusalToClose(domain) : refusal;
  return record({ type: proof === 'none' ? 'domain.claimed' : 'domain.granted', payload: wanted });
}

/** The domains that an org has to get as its own when it opens the one above them, for the routes that it has in them. */
export function namesToKeep(
  opened: DomainClaim,
  claims: readonly StandingClaim[],
  routes: readonly Route[],
): readonly Domain[] {
  const others = claims.filter(({ claim, state }) => state === 'held' && claim.domain !== opened.domain);
  const held: readonly StandingClaim[] = [...others, { claim: opened, state: 'held', freeAt: null }];
  const names = new Set<Domain>();
  for (const { pattern, service } of routes) {
    if (orgOf(service) !== opened.org) continue;
    const hold = holdOf(opened.org, pattern, held);
    if (hold.kind === 'open') names.add(hold.domain);
  }
  return [...names];
}

/** Records that the domain is held, where the record that was looked up says so. */
export function decideVerifyDomain(
  present: DomainClaim | null,
  identity: DomainIdentity,
  { claims, answer }: { readonly claims: readonly StandingClaim[]; readonly answer: TxtAnswer },
): Decision {
  const { domain, org } = identity;
  if (present === null) return notFound(`the org ${org} has not claimed ${domain}`);
  if (present.proof !== 'none') return UNCHANGED;
  const refusal = refusalToHold(present, claims) ?? refusalOfAnswer(present, answer);
  return refusal ?? record({ type: 'domain.granted', payload: { ...present, proof: 'dns' } });
}

/** Only what nothing is routed by any more. `routes` are those in the domain, `claims` all at, above and below it. */
export function decideReleaseDomain(
  present: DomainClaim | null,
  identity: DomainIdentity,
  { claims, routes }: { readonly claims: readonly StandingClaim[]; readonly routes: readonly Route[] },
): Decision {
  const { domain, org } = identity;
  if (present === null) return notFound(`the org ${org} neither claims nor holds ${domain}`);
  const released = record({ type: 'domain.released', payload: present });
  if (present.proof === 'none') return released;

  const rest = claims.filter(({ claim, state }) => state === 'held' && claim.domain !== domain);
  // What lies open below what is left is anybody's.
  const uncovered = routes.filter(
    (route) => orgOf(route.service) === org && holdOf(org, route.pattern, rest).kind !== 'held',
  );
  if (uncovered.length > 0) {
    return conflict(
      `${domain} is in use by ${namesOf(uncovered)}; delete ${uncovered.length === 1 ? 'it' : 'them'} first`,
    );
  }
  // What is left above would take in the names below that have not cooled down yet.
  const isTakenIn = present.isPlatform && nearestHeld(rest, domain)?.claim.isPlatform === false;
  const guests = claims.filter(
    ({ claim, state }) =>
      claim.org !== org &&
      isBelow(claim.domain, domain) &&
      (state === 'held' || (state === 'cooling' && isTakenIn)),
  );
  if (guests.length > 0) {
    const count = guests.length === 1 ? 'a name' : `${guests.length} names`;
    const isOver = guests.every(({ state }) => state === 'cooling');
    return conflict(
      isOver
        ? `other orgs have lately released ${count} below ${domain}; release it when they have cooled down`
        : `other orgs hold ${count} below ${domain}; they have to be released first`,
    );
  }
  return released;
}

/** Who leaves the platform out may not have meant to close it. */
function refusalToClose(domain: Domain): Decision {
  return conflict(
    `${domain} is open to all orgs, and cannot be closed while others hold names below it; they have to be released first`,
  );
}

/** Why only the operator can say so, null where anybody can. */
function reasonToBeTrusted({ domain, proof, isPlatform }: DomainClaim, request: ClaimRequest): string | null {
  const only = (what: string) => `only the operator can ${what}; that takes --trusted`;
  if (isPlatform) return only(`open ${domain} to all orgs`);
  if (request.skipCoolDown) return only(`give ${domain} away before it has cooled down`);
  if (proof !== 'none') return only(`say how ${domain} was proved`);
  const vouch = 'the operator can vouch for it, with --trusted';
  if (domain === DEFAULT_DOMAIN) return `no record can prove *, which is no name; ${vouch}`;
  if (isTopLevel(domain)) return `no record can prove ${domain}, which is a top-level name; ${vouch}`;
  return challengeName(domain).kind === 'ok'
    ? null
    : `no record can prove ${domain}, which is so long that it leaves no room for one; ${vouch}`;
}

/** Without trust it stays what it is, unless it is asked for, which is refused. */
function isPlatformAfter(present: DomainClaim | null, { isPlatform, isTrusted }: ClaimRequest): boolean {
  const known = present?.isPlatform ?? false;
  return isTrusted ? (isPlatform ?? known) : known || isPlatform === true;
}

function proofOf(present: DomainClaim | null, { proof, isTrusted }: ClaimRequest): DomainClaim['proof'] {
  const known = present?.proof ?? 'none';
  // What a route took below a platform domain goes with the route, unless it is vouched for by itself.
  const isWeak = known === 'none' || known === 'platform';
  if (proof === null) return isTrusted && isWeak ? 'trusted' : known;
  // What was proved since a file was written stays proved: routes hang on it.
  return proof === 'none' ? known : proof;
}

function tokenOf(present: DomainClaim | null, { token, isTrusted }: ClaimRequest): string | null {
  return present === null || isTrusted ? (token ?? present?.token ?? null) : present.token;
}

function isSame(one: DomainClaim, other: DomainClaim): boolean {
  return one.proof === other.proof && one.isPlatform === other.isPlatform && one.token === other.token;
}

function refusalOfAnswer({ domain, token }: DomainClaim, answer: TxtAnswer): Decision | null {
  const wanted = challengeText(domain, token);
  switch (answer.kind) {
    case 'found':
      if (isProvedBy(answer.values, token)) return null;
      return notAllowed(`the record is there and says something else; publish ${wanted}, and verify again`);
    case 'absent':
      return notAllowed(`the record is not there yet; publish ${wanted}, and verify again`);
    case 'failed':
      return notAllowed(
        `the record could not be looked up: ${answer.problem}; nothing was changed, try again`,
      );
    default:
      return answer satisfies never;
  }
}

const MAX_NAMED = 3;

function namesOf(routes: readonly Route[]): string {
  const names = [...new Set(routes.map(({ pattern }) => pattern as string))];
  const more = names.length - MAX_NAMED;
  return `${names.length === 1 ? 'the route' : 'the routes'} ${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
