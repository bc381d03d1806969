import { domainOf } from '../../model/domain.ts';
import { type Route, type RoutePlace, routeKey } from '../../model/route.ts';
import { orgOf } from '../../model/service.ts';
import type { Control } from '../control.ts';
import type { Statements } from '../database.ts';
import { domainStream, routeStream } from '../events/event.ts';
import { loadStream } from '../events/event-log.ts';
import { holdOf, refusalToHold } from '../ownership/hold.ts';
import { loadClaims } from '../ownership/load-claims.ts';
import { lockName } from '../ownership/name-lock.ts';
import { loadRoutesOf, loadRoutesWithin } from '../ownership/routes-within.ts';
import { claimAfter } from './decide-domain.ts';
import {
  decideCreateRoute,
  decidePutRoute,
  decideUpdateRoute,
  refusalOfNoRoute,
  routeAfter,
} from './decide-route.ts';
import { type Refusal, record } from './decision.ts';
import { parseRouteInput, parseRouteName, parseRouteUpdate, type RoutePatch } from './parse-input.ts';
import type { Accompanying, Decided } from './run-command.ts';
import type { RunCommand } from './runner.ts';
import { routeViewOf } from './view-of-state.ts';

/** The commands on routes. */
export function routeCommands(run: RunCommand): Pick<Control, 'createRoute' | 'updateRoute' | 'deleteRoute'> {
  return {
    createRoute: (input, meta) =>
      run({
        name: 'create-route',
        input: parseRouteInput(input),
        meta,
        decide: createRoute,
        view: routeViewOf,
      }),
    updateRoute: (input, meta) =>
      run({
        name: 'update-route',
        input: parseRouteUpdate(input),
        meta,
        decide: updateRoute,
        view: routeViewOf,
      }),
    deleteRoute: (input, meta) =>
      run({
        name: 'delete-route',
        input: parseRouteName(input),
        meta,
        decide: deleteRoute,
        view: routeViewOf,
      }),
  };
}

/** Takes the name as well, where it lies open below a platform domain. */
async function createRoute(transaction: Statements, route: Route): Promise<Decided> {
  await lockName(transaction, domainOf(route.pattern));
  const state = await loadStream(transaction, routeStream(route));
  const present = routeAfter(state?.last.event ?? null);
  const taken = await takeName(transaction, route);
  if (taken.kind !== 'ok') return { state, decision: taken };
  return { state, decision: decideCreateRoute(present, route), before: taken.events };
}

/** Creates a route, or makes it this one as a whole. Whoever calls it has locked its name. */
export async function putRoute(transaction: Statements, route: Route): Promise<Decided> {
  const state = await loadStream(transaction, routeStream(route));
  const present = routeAfter(state?.last.event ?? null);
  const decision = decidePutRoute(present, route);
  const isSameOrg = present !== null && orgOf(present.service) === orgOf(route.service);
  if (decision.kind !== 'record' || isSameOrg) return { state, decision };
  const taken = await takeName(transaction, route);
  return taken.kind === 'ok' ? { state, decision, before: taken.events } : { state, decision: taken };
}

/** Changes a route, which stays its org's. */
async function updateRoute(transaction: Statements, patch: RoutePatch): Promise<Decided> {
  const state = await loadStream(transaction, routeStream(patch));
  const present = routeAfter(state?.last.event ?? null);
  if (present === null) return { state, decision: await noRoute(transaction, patch) };
  return { state, decision: decideUpdateRoute(present, patch) };
}

/** Gives the name up as well, where it was the last below a domain that the org had because it came first. */
export async function deleteRoute(transaction: Statements, place: RoutePlace): Promise<Decided> {
  await lockName(transaction, domainOf(place.pattern));
  const state = await loadStream(transaction, routeStream(place));
  const present = routeAfter(state?.last.event ?? null);
  if (present === null) return { state, decision: await noRoute(transaction, place) };
  const decision = record({ type: 'route.deleted', payload: present });
  return { state, decision, before: await giveNameUp(transaction, present) };
}

async function noRoute(transaction: Statements, place: RoutePlace): Promise<Refusal> {
  return refusalOfNoRoute(place, await loadRoutesOf(transaction, place.pattern));
}

type Taken = { readonly kind: 'ok'; readonly events: readonly Accompanying[] } | Refusal;

async function takeName(transaction: Statements, route: Route): Promise<Taken> {
  const org = orgOf(route.service);
  const claims = await loadClaims(transaction, domainOf(route.pattern), 'above');
  const hold = holdOf(org, route.pattern, claims);
  if (hold.kind === 'held') return { kind: 'ok', events: [] };
  if (hold.kind !== 'open') return hold;

  const { domain } = hold;
  const refusal = refusalToHold(
    { domain, org, isPlatform: false },
    await loadClaims(transaction, domain, 'above-and-below'),
  );
  if (refusal !== null) return refusal;
  const state = await loadStream(transaction, domainStream({ domain, org }));
  // One that the org is about to prove goes on asking for the same record.
  const token = claimAfter(state?.last.event ?? null)?.token ?? '';
  const claim = { domain, org, token, proof: 'platform', isPlatform: false } as const;
  return { kind: 'ok', events: [{ state, event: { type: 'domain.granted', payload: claim } }] };
}

async function giveNameUp(transaction: Statements, route: Route): Promise<readonly Accompanying[]> {
  const claims = await loadClaims(transaction, domainOf(route.pattern), 'above');
  const released: Accompanying[] = [];
  // Not only the nearest: a domain that is held by itself may lie between.
  for (const { claim, state: standing } of claims) {
    if (standing !== 'held' || claim.proof !== 'platform') continue;
    const others = await loadRoutesWithin(transaction, claim.domain);
    if (others.some((other) => routeKey(other) !== routeKey(route))) continue;
    const state = await loadStream(transaction, domainStream(claim));
    released.push({ state, event: { type: 'domain.released', payload: claim } });
  }
  return released;
}
