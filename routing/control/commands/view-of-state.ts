import { parseServiceKey, type Service, type ServiceKey } from '../../model/service.ts';
import type { ControlEvent } from '../events/event.ts';
import type { StreamState } from '../events/event-log.ts';
import type { EndpointView, PortPoolView, PortView, RouteView } from '../views.ts';

/** What an event made of a route, as callers see it. Throws where the event is another kind's; so do the others. */
export function routeViewOf(state: StreamState, revision: number): RouteView {
  const { event } = state.last;
  if (event.type !== 'route.created' && event.type !== 'route.updated' && event.type !== 'route.deleted') {
    throw new UnexpectedEventError('a route', event);
  }
  const { listener, pattern, service, backendPort, proxyProtocol, redirectToHttps } = event.payload;
  const target = { ...serviceOf(service), backendPort, proxyProtocol };
  const change = changeOf(state, revision);
  return { hostname: pattern, listener, ...target, ...change, redirectToHttps, ...creation(state) };
}

/** What an event made of a port. */
export function portViewOf(state: StreamState, revision: number): PortView {
  const { event } = state.last;
  if (event.type !== 'port.allocated' && event.type !== 'port.released') {
    throw new UnexpectedEventError('a port', event);
  }
  const { port, service, backendPort, proxyProtocol } = event.payload;
  const target = { ...serviceOf(service), backendPort, proxyProtocol };
  return { port, ...target, ...changeOf(state, revision), ...creation(state) };
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

class UnexpectedEventError extends Error {
  constructor(expected: string, event: ControlEvent) {
    super(`${event.type} says nothing about ${expected}`);
  }
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
