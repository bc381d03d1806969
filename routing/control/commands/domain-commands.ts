import { randomBytes } from 'node:crypto';
import type { Control } from '../control.ts';
import type { Database, Statements } from '../database.ts';
import { type DomainClaim, domainStream } from '../events/event.ts';
import { loadStream } from '../events/event-log.ts';
import { challengeName } from '../ownership/challenge.ts';
import { loadClaims } from '../ownership/load-claims.ts';
import { lockName } from '../ownership/name-lock.ts';
import { loadRoutesWithin } from '../ownership/routes-within.ts';
import type { StandingClaim } from '../ownership/standing-claim.ts';
import type { TxtAnswer, TxtLookup } from '../ownership/txt-lookup.ts';
import {
  claimAfter,
  decideClaimDomain,
  decideReleaseDomain,
  decideVerifyDomain,
  namesToKeep,
} from './decide-domain.ts';
import {
  type ClaimRequest,
  type DomainIdentity,
  parseDomainClaim,
  parseDomainName,
} from './parse-ownership.ts';
import type { Accompanying, Decided } from './run-command.ts';
import type { RunCommand } from './runner.ts';
import { domainViewOf } from './view-of-state.ts';

const TOKEN_BYTES = 16;

/** The commands on domains. `lookUpTxt` asks the DNS. */
export function domainCommands(
  run: RunCommand,
  database: Database,
  lookUpTxt: TxtLookup,
): Pick<Control, 'claimDomain' | 'verifyDomain' | 'releaseDomain'> {
  return {
    claimDomain: (input, meta) =>
      run({
        name: 'claim-domain',
        input: parseDomainClaim(input),
        meta,
        decide: claimDomain,
        view: domainViewOf,
      }),
    async verifyDomain(input, meta) {
      const identity = parseDomainName(input);
      // Before the transaction, since the DNS may take its time.
      const answer = identity.kind === 'ok' ? await lookUp(database, identity.value, lookUpTxt) : NOT_ASKED;
      return run({
        name: 'verify-domain',
        input: identity,
        meta,
        decide: (transaction, { domain, org }) => verifyDomain(transaction, { domain, org }, answer),
        view: domainViewOf,
      });
    },
    releaseDomain: (input, meta) =>
      run({
        name: 'release-domain',
        input: parseDomainName(input),
        meta,
        decide: releaseDomain,
        view: domainViewOf,
      }),
  };
}

/** Claims a domain, or grants it where the operator vouches for it. */
export async function claimDomain(transaction: Statements, request: ClaimRequest): Promise<Decided> {
  await lockName(transaction, request.domain);
  const state = await loadStream(transaction, domainStream(request));
  const claims = await loadClaims(transaction, request.domain, 'above-and-below');
  const decision = decideClaimDomain(claimAfter(state?.last.event ?? null), request, {
    claims,
    newToken: randomBytes(TOKEN_BYTES).toString('hex'),
  });
  const { event } = decision.kind === 'record' ? decision : { event: null };
  if (event?.type !== 'domain.granted' || !event.payload.isPlatform) return { state, decision };
  return { state, decision, before: await keepNames(transaction, event.payload, claims) };
}

/** What an org routes below a domain that it opens to all stays its own, as if it had come first. */
async function keepNames(
  transaction: Statements,
  opened: DomainClaim,
  claims: readonly StandingClaim[],
): Promise<readonly Accompanying[]> {
  const routes = await loadRoutesWithin(transaction, opened.domain);
  const kept: Accompanying[] = [];
  for (const domain of namesToKeep(opened, claims, routes)) {
    const claim = { domain, org: opened.org, token: '', proof: 'platform', isPlatform: false } as const;
    const state = await loadStream(transaction, domainStream(claim));
    kept.push({ state, event: { type: 'domain.granted', payload: claim } });
  }
  return kept;
}

/** Releases a domain. */
export async function releaseDomain(transaction: Statements, identity: DomainIdentity): Promise<Decided> {
  await lockName(transaction, identity.domain);
  const state = await loadStream(transaction, domainStream(identity));
  const decision = decideReleaseDomain(claimAfter(state?.last.event ?? null), identity, {
    claims: await loadClaims(transaction, identity.domain, 'above-and-below'),
    routes: await loadRoutesWithin(transaction, identity.domain),
  });
  return { state, decision };
}

const NOT_ASKED: TxtAnswer = { kind: 'absent' };

/** Asks only where there is something to prove. */
async function lookUp(
  database: Database,
  identity: DomainIdentity,
  lookUpTxt: TxtLookup,
): Promise<TxtAnswer> {
  const state = await loadStream(database, domainStream(identity));
  if (claimAfter(state?.last.event ?? null)?.proof !== 'none') return NOT_ASKED;
  const name = challengeName(identity.domain);
  return name.kind === 'ok' ? lookUpTxt(name.value) : NOT_ASKED;
}

async function verifyDomain(
  transaction: Statements,
  identity: DomainIdentity,
  answer: TxtAnswer,
): Promise<Decided> {
  await lockName(transaction, identity.domain);
  const state = await loadStream(transaction, domainStream(identity));
  const decision = decideVerifyDomain(claimAfter(state?.last.event ?? null), identity, {
    claims: await loadClaims(transaction, identity.domain, 'above-and-below'),
    answer,
  });
  return { state, decision };
}
