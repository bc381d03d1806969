import { type Endpoint, endpointKey } from '../model/endpoint.ts';
import type { Target } from '../model/route.ts';
import type { ServiceKey } from '../model/service.ts';
import type { BoundServices, TableService } from './table.ts';

/** A service and who needs it. */
interface ReferredService extends TableService {
  readonly key: ServiceKey;
  readonly ready: Endpoint[];
  /** How often routes, ports and endpoints name it. */
  references: number;
}

/** The services of a target's backends, for as long as they are needed. */
export interface ReferredServices extends BoundServices {
  readonly service: ReferredService;
  readonly others: readonly ReferredService[];
}

/** A table's services and their endpoints. A service comes into being with the first that names it and goes with the last. */
export class Services {
  readonly #services = new Map<ServiceKey, ReferredService>();
  readonly #endpoints = new Map<string, EndpointSlot>();
  #readyEndpoints = 0;

  get size(): number {
    return this.#services.size;
  }

  /** Ready or not. */
  get endpoints(): number {
    return this.#endpoints.size;
  }

  get readyEndpoints(): number {
    return this.#readyEndpoints;
  }

  /** Holds the services of a target until `unbind`. */
  bind({ service, others }: Target): ReferredServices {
    const first = this.#retain(service);
    if (others.length === 0) return { service: first, others: NO_OTHERS, turn: 0 };
    // Somewhere on the circle, for the reason that `randomTurn` has.
    return {
      service: first,
      others: others.map((other) => this.#retain(other.service)),
      turn: Math.random(),
    };
  }

  unbind({ service, others }: ReferredServices): void {
    this.#release(service);
    for (const other of others) this.#release(other);
  }

  /** Takes an endpoint's row by its `endpointKey`; null where it is gone. */
  apply(key: string, endpoint: Endpoint | null): void {
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

interface EndpointSlot {
  readonly service: ReferredService;
  /** Its index in the service's `ready`. */
  at: number;
}

const NOT_READY = -1;

const NO_OTHERS: readonly ReferredService[] = [];

/** Every worker of every edge starts somewhere else, so that a service's first connections do not all get one endpoint. */
function randomTurn(): number {
  return Math.floor(Math.random() * 0x1_0000);
}
