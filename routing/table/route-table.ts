import { splitAlpnSuffix } from '../model/alpn.ts';
import type { Change } from '../model/change.ts';
import type { Hostname } from '../model/hostname.ts';
import { NO_REVISION, type Revision } from '../model/revision.ts';
import {
  type PortBinding,
  type PortPlace,
  ROUTE_LISTENERS,
  type Route,
  type RouteListener,
} from '../model/route.ts';
import { HostIndex } from './host-index.ts';
import { type ReferredServices, Services } from './services.ts';
import type { BoundPort, BoundRoute } from './table.ts';

/** What the owner of the listening sockets has to do after a change: open a port, close one, or nothing. */
export type PortEffect =
  | { readonly kind: 'none' }
  | { readonly kind: 'bound'; readonly place: PortPlace }
  | { readonly kind: 'unbound'; readonly place: PortPlace };

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
  /** By `portKey`. */
  readonly #ports = new Map<string, BoundBinding>();
  readonly #services = new Services();
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
        this.#services.apply(change.key, change.value);
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

  /**
   * The route for a name and for what a TLS client offers, in its order; null if there is none. A null name (TLS without
   * SNI) has only the listener's default.
   */
  route(
    listener: RouteListener,
    name: Hostname | null,
    offered?: readonly string[] | undefined,
  ): BoundRoute | null {
    return this.#hosts[listener].find(name, offered) ?? null;
  }

  /** Whether a name has any route: where `route` finds none, one that asks for a protocol which was not offered. */
  isRouted(listener: RouteListener, name: Hostname | null): boolean {
    return this.#hosts[listener].has(name);
  }

  /** The binding of a raw TCP port, by its `portKey`: whoever listens has the text at hand, and builds none. */
  port(key: string): BoundPort | null {
    return this.#ports.get(key) ?? null;
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
      endpoints: this.#services.endpoints,
      readyEndpoints: this.#services.readyEndpoints,
      services: this.#services.size,
    };
  }

  #applyRoute(key: string, route: Route | null): void {
    const place = placeOf(key);
    if (place === null) return;
    const hosts = this.#hosts[place.listener];
    const { pattern, alpn } = place;
    const previous = hosts.get(pattern, alpn);
    if (route !== null) {
      hosts.set(pattern, { key, route, ...this.#services.bind(route) }, alpn);
    } else {
      hosts.delete(pattern, alpn);
    }
    // After `bind`, so that a service whose only route is updated keeps its identity.
    if (previous !== undefined) this.#services.unbind(previous);
  }

  #applyPort(key: string, binding: PortBinding | null): PortEffect {
    const previous = this.#ports.get(key);
    if (binding !== null) {
      this.#ports.set(key, { key, binding, ...this.#services.bind(binding) });
    } else {
      this.#ports.delete(key);
    }
    if (previous !== undefined) this.#services.unbind(previous);
    if (binding !== null && previous === undefined) return { kind: 'bound', place: binding };
    if (binding === null && previous !== undefined) return { kind: 'unbound', place: previous.binding };
    return NO_EFFECT;
  }
}

type BoundHost = BoundRoute & ReferredServices;

type BoundBinding = BoundPort & ReferredServices;

const NO_EFFECT: PortEffect = { kind: 'none' };

interface Place {
  readonly listener: RouteListener;
  readonly pattern: string;
  readonly alpn: string | null;
}

/** Reads a `routeKey` back, since a deletion has nothing but its key. */
function placeOf(key: string): Place | null {
  const slash = key.indexOf('/');
  const listener = ROUTE_LISTENERS.find((known) => known === key.slice(0, slash));
  if (listener === undefined) return null;
  return { listener, ...splitAlpnSuffix(key.slice(slash + 1)) };
}
