import type { Endpoint } from '../model/endpoint.ts';
import type { PortBinding, Route } from '../model/route.ts';

/**
 * A service's ready endpoints, in no particular order.
 *
 * The object and its array stay the same for as long as a route, a port or an endpoint refers to the service; the
 * array's content changes in place between two lookups, so whoever needs it for longer takes a copy.
 */
export interface TableService {
  readonly key: string;
  readonly ready: readonly Endpoint[];
  /** The balancer's own counter: starts at 0, and the table never reads or writes it afterwards. */
  turn: number;
}

/** A hostname's route together with its service. Replaced as a whole when the route changes, never altered. */
export interface BoundRoute {
  readonly key: string;
  readonly route: Route;
  readonly service: TableService;
}

/** A port's binding together with its service. Replaced as a whole when the binding changes, never altered. */
export interface BoundPort {
  readonly key: string;
  readonly binding: PortBinding;
  readonly service: TableService;
}
