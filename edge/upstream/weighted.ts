import type { Backend, Target } from '../../routing/model/route.ts';
import type { BoundPort, BoundRoute, BoundServices, TableService } from '../../routing/table/table.ts';
import type { Candidate } from '../connection/plan.ts';
import { addCandidates, candidates } from './round-robin.ts';

/** Whether somebody could be dialled: a backend with a weight has a ready endpoint. */
export function hasCandidate(bound: BoundRoute | BoundPort): boolean {
  if (bound.others.length === 0) return bound.service.ready.length > 0;
  const target = targetOf(bound);
  for (let at = 0; at <= bound.others.length; at += 1) if (isEligible(bound, target, at)) return true;
  return false;
}

/**
 * The endpoints to dial for one connection, each with its backend's own port: those of a backend that is chosen by weight
 * among those that have any, and then those of the other backends in order. None where `hasCandidate` says no.
 */
export function weightedCandidates(bound: BoundRoute | BoundPort): readonly Candidate[] {
  const target = targetOf(bound);
  if (bound.others.length === 0) return candidates(bound.service, target.backendPort);

  const chosen = choose(bound, target);
  if (chosen === NONE) return [];
  const dialled = candidates(serviceAt(bound, chosen), backendAt(target, chosen).backendPort);
  for (let at = 0; at <= bound.others.length; at += 1) {
    if (at !== chosen && isEligible(bound, target, at)) {
      addCandidates(dialled, serviceAt(bound, at), backendAt(target, at).backendPort);
    }
  }
  return dialled;
}

/** The route or the binding itself. */
export function targetOf(bound: BoundRoute | BoundPort): Target {
  return 'route' in bound ? bound.route : bound.binding;
}

/**
 * The fractional part of the golden ratio: of all steps around a circle it leaves the most even gaps, wherever one
 * stops (D. E. Knuth, The Art of Computer Programming, vol. 3, §6.4, theorem S).
 */
const STEP = 0.6180339887498949;

const NONE = -1;

/**
 * Each connection takes the next place on a circle on which the backends have arcs as long as their weights. So a backend
 * of weight 5 in 100 gets 5 of about each 100 connections, evenly spread, without a counter for each backend. The arcs
 * are laid out anew each time, since any endpoint may have come or gone.
 */
function choose(bound: BoundServices, target: Target): number {
  let total = 0;
  for (let at = 0; at <= bound.others.length; at += 1) {
    if (isEligible(bound, target, at)) total += backendAt(target, at).weight;
  }
  let left = bound.turn * total;
  bound.turn = (bound.turn + STEP) % 1;

  let chosen = NONE;
  for (let at = 0; at <= bound.others.length && left >= 0; at += 1) {
    if (!isEligible(bound, target, at)) continue;
    chosen = at;
    left -= backendAt(target, at).weight;
  }
  return chosen;
}

function isEligible(bound: BoundServices, target: Target, at: number): boolean {
  return backendAt(target, at).weight > 0 && serviceAt(bound, at).ready.length > 0;
}

/** 0 is the first backend, 1 the first of the others. */
function backendAt(target: Target, at: number): Backend {
  return at === 0 ? target : (target.others[at - 1] ?? target);
}

function serviceAt(bound: BoundServices, at: number): TableService {
  return at === 0 ? bound.service : (bound.others[at - 1] ?? bound.service);
}
