import type { Change } from '../model/change.ts';
import { type Endpoint, endpointKey } from '../model/endpoint.ts';
import type { Hostname } from '../model/hostname.ts';
import { type Port, parsePort } from '../model/port.ts';
import { NO_REVISION, type Revision } from '../model/revision.ts';
import { type PortBinding, ROUTE_LISTENERS, type Route, type RouteListener } from '../model/route.ts';
import type { ServiceKey } from '../model/service.ts';
import { HostIndex } from './host-index.ts';
import type { BoundPort, BoundRoute, TableService } from './table.ts';

/** What the owner of the listening sockets has to do after a change: open a port, close one, or nothing. */
export type PortEffect =
  | { readonly kind: 'none' }
  | { readonly kind: 'bound'; readonly port: Port }
  | { readonly kind: 'unbound'; readonly port: Port };

/** How many rows of each kind the table holds; services are those that a row refers to. */
export interface TableSizes {
  readonly routes: number;
  readonly ports: number;
  /** Ready or not. */
  readonly endpoints: number;
  readonly readyEndpoints: number;
  readonly services: number;
}

/**
 * What the projections say, in the form in which a connection asks.
 *
 * Every change costs the same, however large the table is. Changes may be repeated and may come in any order between
 * kinds: a service comes into being with the first row that names it and goes with the last. Rows of one key must come
 * in order. Rows are trusted to be what `decodeChange` lets through, their keys above all.
 */
export class RouteTable {
  readonly #hosts: Readonly<Record<RouteListener, HostIndex<BoundHost>>> = {
    tls: new HostIndex(),
    http: new HostIndex(),
  };
  readonly #ports = new Map<number, BoundBinding>();
  readonly #endpoints = new Map<string, EndpointSlot>();
  readonly #services = new Map<ServiceKey, ReferredService>();
  #readyEndpoints = 0;
  #revision: Revision = NO_REVISION;

  /** The highest revision applied, or what `settle` said last, where that came later. */
  get revision(): Revision {
    return this.#revision;
  }

  apply(change: Change): PortEffect {
    if (change.revision > this.#revision) this.#revision = change.revision;
    switch (change.kind) {
      case 'route':
        this.#applyRoute(change.key, change.value);
        return NO_EFFECT;
      case 'port':
        return this.#applyPort(change.key, change.value);
      case 'endpoint':
        this.#applyEndpoint(change.key, change.value);
        return NO_EFFECT;
      default:
        change satisfies never;
        return NO_EFFECT;
    }
  }

  /**
   * Says which revision the changes so far amount to. Needed beside `apply` because the last rows before a revision may
   * be deletions that were compacted away, and because a restored database starts again from a lower one.
   */
  settle(revision: Revision): void {
    this.#revision = revision;
  }

  /** The route for a name, null if there is none; a null name (TLS without SNI) has only the listener's default. */
  route(listener: RouteListener, name: Hostname | null): BoundRoute | null {
    return this.#hosts[listener].find(name) ?? null;
  }

  port(port: number): BoundPort | null {
    return this.#ports.get(port) ?? null;
  }

  isBound(port: number): boolean {
    return this.#ports.has(port);
  }

  /** Every bound port, in no particular order. */
  ports(): Iterable<number> {
    return this.#ports.keys();
  }

  /** Every bound port with its binding, in no particular order. */
  bindings(): Iterable<BoundPort> {
    return this.#ports.values();
  }

  /** Every route, listener by listener and otherwise in no particular order. */
  *routes(): Generator<BoundRoute, void, undefined> {
    for (const listener of ROUTE_LISTENERS) yield* this.#hosts[listener].values();
  }

  sizes(): TableSizes {
    return {
      routes: this.#hosts.tls.size + this.#hosts.http.size,
      ports: this.#ports.size,
      endpoints: this.#endpoints.size,
      readyEndpoints: this.#readyEndpoints,
      services: this.#services.size,
    };
  }

  #applyRoute(key: string, route: Route | null): void {
    const place = placeOf(key);
    if (place === null) return;
    const hosts = this.#hosts[place.listener];
    const previous = hosts.get(place.pattern);
    if (route !== null) {
      hosts.set(place.pattern, { key, route, service: this.#retain(route.service) });
    } else {
      hosts.delete(place.pattern);
    }
    // After `retain`, so that a service whose only route is updated keeps its identity.
    if (previous !== undefined) this.#release(previous.service);
  }

  #applyPort(key: string, binding: PortBinding | null): PortEffect {
    const port = portOf(key);
    if (port === null) return NO_EFFECT;
    const previous = this.#ports.get(port);
    if (binding !== null) {
      this.#ports.set(port, { key, binding, service: this.#retain(binding.service) });
    } else {
      this.#ports.delete(port);
    }
    if (previous !== undefined) this.#release(previous.service);
    if (binding !== null && previous === undefined) return { kind: 'bound', port };
    if (binding === null && previous !== undefined) return { kind: 'unbound', port };
    return NO_EFFECT;
  }

  #applyEndpoint(key: string, endpoint: Endpoint | null): void {
    const previous = this.#endpoints.get(key);
    if (endpoint === null) {
      if (previous === undefined) return;
      this.#withdraw(previous);
      this.#endpoints.delete(key);
      this.#release(previous.service);
      return;
    }
    // A key names the service, so a known slot is always this service's.
    const slot = previous ?? { service: this.#retain(endpoint.service), at: NOT_READY };
    if (previous === undefined) this.#endpoints.set(key, slot);
    if (!endpoint.isReady) this.#withdraw(slot);
    else this.#offer(slot, endpoint);
  }

  #offer(slot: EndpointSlot, endpoint: Endpoint): void {
    const { ready } = slot.service;
    if (slot.at === NOT_READY) {
      slot.at = ready.length;
      this.#readyEndpoints += 1;
    }
    ready[slot.at] = endpoint;
  }

  /** Fills the gap with the last one: order means nothing, and moving the rest would cost what the service is large. */
  #withdraw(slot: EndpointSlot): void {
    if (slot.at === NOT_READY) return;
    const { ready } = slot.service;
    const last = ready.pop();
    if (last !== undefined && slot.at < ready.length) {
      ready[slot.at] = last;
      const moved = this.#endpoints.get(endpointKey(last));
      if (moved !== undefined) moved.at = slot.at;
    }
    slot.at = NOT_READY;
    this.#readyEndpoints -= 1;
  }

  #retain(key: ServiceKey): ReferredService {
    let service = this.#services.get(key);
    if (service === undefined) {
      service = { key, ready: [], turn: randomTurn(), references: 0 };
      this.#services.set(key, service);
    }
    service.references += 1;
    return service;
  }

  #release(service: ReferredService): void {
    service.references -= 1;
    if (service.references === 0) this.#services.delete(service.key);
  }
}

interface ReferredService extends TableService {
  readonly key: ServiceKey;
  readonly ready: Endpoint[];
  /** Routes, ports and endpoints that name it. */
  references: number;
}

interface BoundHost extends BoundRoute {
  readonly service: ReferredService;
}

interface BoundBinding extends BoundPort {
  readonly service: ReferredService;
}

interface EndpointSlot {
  readonly service: ReferredService;
  /** Its index in the service's `ready`. */
  at: number;
}

const NOT_READY = -1;

const NO_EFFECT: PortEffect = { kind: 'none' };

interface RoutePlace {
  readonly listener: RouteListener;
  readonly pattern: string;
}

/** Reads a `routeKey` back, since a deletion has nothing but its key. */
function placeOf(key: string): RoutePlace | null {
  const slash = key.indexOf('/');
  const listener = ROUTE_LISTENERS.find((known) => known === key.slice(0, slash));
  if (listener === undefined) return null;
  return { listener, pattern: key.slice(slash + 1) };
}

/** Reads a `portKey` back. */
function portOf(key: string): Port | null {
  const port = parsePort(key.slice(key.indexOf('/') + 1));
  return port.kind === 'ok' ? port.value : null;
}

/** Every worker of every edge starts somewhere else, so that a service's first connections do not all get one endpoint. */
function randomTurn(): number {
  return Math.floor(Math.random() * 0x1_0000);
}
