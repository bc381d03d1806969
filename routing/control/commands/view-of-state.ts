import { rangeText } from '../../model/ipv4-range.ts';
import type { Target } from '../../model/route.ts';
import { parseServiceKey, type Service, type ServiceKey } from '../../model/service.ts';
import { backendViews } from '../backend-view.ts';
import type { ControlEvent } from '../events/event.ts';
import type { StreamState } from '../events/event-log.ts';
import { challengeOf } from '../ownership/challenge.ts';
import type {
  AddressPoolView,
  AddressView,
  DomainView,
  EndpointView,
  PolicyView,
  PortPoolView,
  PortView,
  RouteView,
} from '../views.ts';

/** What an event made of a route, as callers see it. Throws where the event is another kind's; so do the others. */
export function routeViewOf(state: StreamState, revision: number): RouteView {
  const { event } = state.last;
  if (event.type !== 'route.created' && event.type !== 'route.updated' && event.type !== 'route.deleted') {
    throw new UnexpectedEventError('a route', event);
  }
  const { listener, pattern, alpn, redirectToHttps } = event.payload;
  const target = targetOf(event.payload);
  const change = changeOf(state, revision);
  return { hostname: pattern, listener, alpn, ...target, ...change, redirectToHttps, ...creation(state) };
}

/** What an event made of a port. */
export function portViewOf(state: StreamState, revision: number): PortView {
  const { event } = state.last;
  if (event.type !== 'port.allocated' && event.type !== 'port.updated' && event.type !== 'port.released') {
    throw new UnexpectedEventError('a port', event);
  }
  const { port, address } = event.payload;
  return { port, address, ...targetOf(event.payload), ...changeOf(state, revision), ...creation(state) };
}

/** What an event made of an endpoint. */
export function endpointViewOf(state: StreamState, revision: number): EndpointView {
  const { event } = state.last;
  if (event.type !== 'endpoint.reported') throw new UnexpectedEventError('an endpoint', event);
  const { service, instance, address, state: reported } = event.payload;
  return { ...serviceOf(service), instance, address, state: reported, ...changeOf(state, revision) };
}

/** What an event made of the port pool. */
export function portPoolViewOf(state: StreamState, revision: number): PortPoolView {
  const { event } = state.last;
  if (event.type !== 'port-pool.defined') throw new UnexpectedEventError('the port pool', event);
  const { first, last } = event.payload;
  return { first, last, ...changeOf(state, revision) };
}

/** What an event made of a claim to a domain. */
export function domainViewOf(state: StreamState, revision: number): DomainView {
  const { event } = state.last;
  if (
    event.type !== 'domain.claimed' &&
    event.type !== 'domain.granted' &&
    event.type !== 'domain.released'
  ) {
    throw new UnexpectedEventError('a domain', event);
  }
  const standing = event.payload.proof === 'none' ? 'pending' : 'held';
  return {
    ...domainView(event.payload, event.type === 'domain.released' ? 'released' : standing),
    ...changeOf(state, revision),
  };
}

/** A claim, as callers see it. */
export function domainView(
  { domain, org, token, proof, isPlatform }: ClaimFields,
  state: DomainView['state'],
): Omit<DomainView, 'revision' | 'actor' | 'updatedAt'> {
  return { domain, org, state, proof, isPlatform, token, challenge: challengeOf(domain, token) };
}

type ClaimFields = Pick<DomainView, 'domain' | 'org' | 'token' | 'proof' | 'isPlatform'>;

/** What an event made of a dedicated address. */
export function addressViewOf(state: StreamState, revision: number): AddressView {
  const { event } = state.last;
  if (event.type !== 'address.allocated' && event.type !== 'address.released') {
    throw new UnexpectedEventError('an address', event);
  }
  const { address, org } = event.payload;
  return { address, org, ...changeOf(state, revision) };
}

/** What an event made of the pool of addresses. */
export function addressPoolViewOf(state: StreamState, revision: number): AddressPoolView {
  const { event } = state.last;
  if (event.type !== 'address-pool.defined') throw new UnexpectedEventError('the address pool', event);
  return { ranges: event.payload.ranges.map(rangeText), ...changeOf(state, revision) };
}

/** What an event made of a policy. */
export function policyViewOf(state: StreamState, revision: number): PolicyView {
  const { event } = state.last;
  switch (event.type) {
    case 'policy.defined':
      return { org: null, ...event.payload, ...changeOf(state, revision) };
    case 'org-policy.defined':
      return { ...event.payload, coolDownMs: null, ...changeOf(state, revision) };
    default:
      throw new UnexpectedEventError('a policy', event);
  }
}

class UnexpectedEventError extends Error {
  constructor(expected: string, event: ControlEvent) {
    super(`${event.type} says nothing about ${expected}`);
  }
}

function targetOf({ service, backendPort, weight, others, proxyProtocol, proxyTlvs }: Target) {
  return {
    ...serviceOf(service),
    backendPort,
    weight,
    others: backendViews(others),
    proxyProtocol,
    proxyTlvs,
  };
}

function serviceOf(key: ServiceKey): Service {
  const service = parseServiceKey(key);
  if (service.kind === 'invalid') throw new Error(`the service key ${key} ${service.problem}`);
  return service.value;
}

function creation({ createdAt }: StreamState) {
  return { createdAt: createdAt.toISOString() };
}

function changeOf({ last }: StreamState, revision: number) {
  return { revision, actor: last.actor, updatedAt: last.recordedAt.toISOString() };
}
