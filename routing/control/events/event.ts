import type { Address } from '../../model/address.ts';
import { type EndpointState, endpointKey } from '../../model/endpoint.ts';
import type { Name } from '../../model/name.ts';
import type { Port } from '../../model/port.ts';
import { type PortBinding, portKey, type Route, routeKey } from '../../model/route.ts';
import type { ServiceKey } from '../../model/service.ts';

/**
 * What happened. Each event carries the whole new state of its stream, so a stream's state is its last event; the event
 * that ends something carries what it was.
 */
export type ControlEvent =
  | EventOf<'route.created' | 'route.updated' | 'route.deleted', Route>
  | EventOf<'port.allocated' | 'port.released', PortBinding>
  | EventOf<'endpoint.reported', EndpointReport>
  | EventOf<'port-pool.defined', PortPool>;

/** What can be in the column `type`. */
export type EventType = ControlEvent['type'];

/** What the control plane was told of an instance. */
export interface EndpointReport {
  readonly service: ServiceKey;
  readonly instance: Name;
  readonly address: Address;
  readonly state: EndpointState;
}

/** The raw TCP ports that may be allocated, both ends included. */
export interface PortPool {
  readonly first: Port;
  readonly last: Port;
}

/** An event as it stands in the log. */
export interface RecordedEvent<Event extends ControlEvent = ControlEvent> {
  readonly seq: number;
  readonly stream: string;
  /** Counts from 1 within the stream. */
  readonly streamVersion: number;
  readonly event: Event;
  readonly actor: string;
  readonly recordedAt: Date;
}

/** The stream of the one pool of raw TCP ports. */
export const PORT_POOL_STREAM = 'port-pool';

/** The stream that an event belongs to: `route/tls/www.example.com`, `port/20000`, `endpoint/o/a/e/p/i`, `port-pool`. */
export function streamOf(event: ControlEvent): string {
  switch (event.type) {
    case 'route.created':
    case 'route.updated':
    case 'route.deleted':
      return routeStream(event.payload);
    case 'port.allocated':
    case 'port.released':
      return portStream(event.payload.port);
    case 'endpoint.reported':
      return endpointStream(event.payload);
    case 'port-pool.defined':
      return PORT_POOL_STREAM;
    default:
      return event satisfies never;
  }
}

/** The stream of one route. */
export function routeStream(route: Pick<Route, 'listener' | 'pattern'>): string {
  return `route/${routeKey(route)}`;
}

/** The stream of one raw TCP port. */
export function portStream(port: Port): string {
  return portKey(port);
}

/** The stream of one instance of a service. */
export function endpointStream(endpoint: Pick<EndpointReport, 'service' | 'instance'>): string {
  return `endpoint/${endpointKey(endpoint)}`;
}

interface EventOf<Type extends string, Payload> {
  readonly type: Type;
  readonly payload: Payload;
}
