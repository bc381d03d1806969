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
  /** The balancer's own counter: starts anywhere, and the table never reads or writes it afterwards. */
  turn: number;
}

/** The services of a binding's backends: that of the first, and those of its `others` in their order. */
export interface BoundServices {
  readonly service: TableService;
  readonly others: readonly TableService[];
  /** The balancer's own place among the backends, from 0 to 1; the table never reads or writes it. */
  turn: number;
}

/** A hostname's route together with its services. Replaced as a whole when the route changes, never altered. */
export interface BoundRoute extends BoundServices {
  readonly key: string;
  readonly route: Route;
}

/** A port's binding together with its services. Replaced as a whole when the binding changes, never altered. */
export interface BoundPort extends BoundServices {
  readonly key: string;
  readonly binding: PortBinding;
}
