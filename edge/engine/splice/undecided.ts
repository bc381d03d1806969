import type { Reason } from '../../connection/outcome.ts';
import { type Pending, PendingConnections, type PendingLimits } from '../../limit/pending.ts';

/** Who a connection is for as long as it lives: never means another one. */
export interface ConnectionId {
  readonly slot: number;
  readonly generation: number;
}

/**
 * The connections that wait for bytes to be decided on, or were refused and have not left, by slot. Those whose first read
 * was enough to forward them are never here.
 */
export class UndecidedConnections {
  readonly #pending: PendingConnections<Undecided>;
  readonly #reset: (id: ConnectionId, reason: Reason) => boolean;
  readonly #bySlot: (Undecided | undefined)[] = [];

  /** Whether the last one that gave way was still there: of those that have ended this turn nobody has told yet. */
  #wasThere = false;

  /** @param reset Ends a connection at once, for this reason where it has none yet; false where it had ended. */
  constructor(limits: PendingLimits, reset: (id: ConnectionId, reason: Reason) => boolean) {
    this.#pending = new PendingConnections(limits);
    this.#reset = reset;
  }

  has(slot: number): boolean {
    return this.#bySlot[slot] !== undefined;
  }

  /** @param source Whose it is; null where it counts as nobody's. It may be the one that gives way. */
  add(id: ConnectionId, source: string | null): void {
    this.#pending.add(this.#member(id), source);
  }

  /** The same for one that is refused. */
  addAnswered(id: ConnectionId, source: string | null, reason: Reason): void {
    const refused = this.#member(id);
    refused.reason = reason;
    this.#pending.addAnswered(refused, source);
  }

  setSource(slot: number, source: string): void {
    const undecided = this.#bySlot[slot];
    if (undecided !== undefined) this.#pending.setSource(undecided, source);
  }

  /** So many bytes are kept of it now. */
  keep(slot: number, bytes: number): void {
    const undecided = this.#bySlot[slot];
    if (undecided !== undefined) this.#pending.keep(undecided, bytes);
  }

  /** It waits no more. Does nothing for one that does not. */
  remove(slot: number): void {
    const undecided = this.#bySlot[slot];
    if (undecided === undefined) return;
    this.#bySlot[slot] = undefined;
    this.#pending.remove(undecided);
  }

  /** Lets the oldest that waits give way; false when nobody has waited long enough. */
  makeWay(): boolean {
    do {
      if (!this.#pending.makeWay()) return false;
    } while (!this.#wasThere);
    return true;
  }

  /** Lets the one that was refused first go; false when there is none. */
  dismiss(): boolean {
    do {
      if (!this.#pending.dismiss()) return false;
    } while (!this.#wasThere);
    return true;
  }

  #member(id: ConnectionId): Undecided {
    const known = this.#bySlot[id.slot];
    if (known !== undefined) return known;
    const undecided = new Undecided(id, (gone, reason) => this.#giveWay(gone, reason));
    this.#bySlot[id.slot] = undecided;
    return undecided;
  }

  #giveWay(id: ConnectionId, reason: Reason): void {
    this.remove(id.slot);
    this.#wasThere = this.#reset(id, reason);
  }
}

class Undecided implements Pending {
  /** What it ends for where it gives way. */
  reason: Reason = 'gave-way';
  readonly #id: ConnectionId;
  readonly #giveWay: (id: ConnectionId, reason: Reason) => void;

  constructor(id: ConnectionId, giveWay: (id: ConnectionId, reason: Reason) => void) {
    this.#id = id;
    this.#giveWay = giveWay;
  }

  giveWay(): void {
    this.#giveWay(this.#id, this.reason);
  }
}
