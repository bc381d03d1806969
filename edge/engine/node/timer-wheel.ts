/** How late a timer may be. Connections have deadlines of seconds; a tick this coarse costs nothing. */
export const TICK_MS = 50;

const SLOTS = 1024;

/** What the wheel keeps on each timed object. Extended, not wrapped, so that arming allocates nothing. */
export abstract class Timed {
  /** The tick at which it expires, or -1 when it is not armed. */
  expiryTick = -1;
  nextTimed: Timed | null = null;
  previousTimed: Timed | null = null;

  /** The deadline has passed, and the timer is no longer armed. */
  abstract expire(): void;
}

/**
 * A hashed timer wheel: one interval for all connections of an engine, O(1) to arm and to disarm.
 *
 * Deadlines are rounded up to the next tick. A timer that is further away than one turn stays in its slot and is passed
 * over until its turn has come. The interval runs only while something is armed and never keeps the process alive.
 */
export class TimerWheel {
  /** Milliseconds since an arbitrary start, as of the last tick: a clock for activity marks. */
  now = 0;

  readonly #slots: (Timed | null)[] = new Array<Timed | null>(SLOTS).fill(null);
  readonly #startedAt = performance.now();
  #tick = 0;
  #armed = 0;
  #interval: NodeJS.Timeout | null = null;

  arm(timed: Timed, delayMs: number): void {
    if (timed.expiryTick >= 0) this.disarm(timed);
    if (this.#interval === null) this.#start();
    // By the clock, not by the last tick, which is old when the event loop has been busy.
    timed.expiryTick = Math.floor((performance.now() - this.#startedAt + delayMs) / TICK_MS) + 1;
    const slot = timed.expiryTick % SLOTS;
    const first = this.#slots[slot] ?? null;
    timed.nextTimed = first;
    if (first !== null) first.previousTimed = timed;
    this.#slots[slot] = timed;
    this.#armed += 1;
  }

  disarm(timed: Timed): void {
    if (timed.expiryTick < 0) return;
    const slot = timed.expiryTick % SLOTS;
    if (timed.previousTimed === null) this.#slots[slot] = timed.nextTimed;
    else timed.previousTimed.nextTimed = timed.nextTimed;
    if (timed.nextTimed !== null) timed.nextTimed.previousTimed = timed.previousTimed;
    timed.nextTimed = null;
    timed.previousTimed = null;
    timed.expiryTick = -1;
    this.#armed -= 1;
  }

  #start(): void {
    this.#readClock();
    this.#tick = Math.floor(this.now / TICK_MS);
    this.#interval = setInterval(() => this.#turn(), TICK_MS).unref();
  }

  #readClock(): void {
    this.now = performance.now() - this.#startedAt;
  }

  #turn(): void {
    this.#readClock();
    const until = Math.floor(this.now / TICK_MS);
    // After a long stall every slot is visited once, not once for each missed turn.
    let tick = Math.max(this.#tick + 1, until - SLOTS + 1);
    for (; tick <= until; tick += 1) this.#expireSlot(tick % SLOTS, until);
    this.#tick = Math.max(this.#tick, until);
    if (this.#armed === 0 && this.#interval !== null) {
      clearInterval(this.#interval);
      this.#interval = null;
    }
  }

  /** Collects before it calls, since what expires may arm and disarm others in the same slot. */
  #expireSlot(slot: number, until: number): void {
    const due: Timed[] = [];
    for (let timed = this.#slots[slot] ?? null; timed !== null; timed = timed.nextTimed) {
      if (timed.expiryTick <= until) due.push(timed);
    }
    for (const timed of due) {
      if (timed.expiryTick < 0 || timed.expiryTick > until) continue;
      this.disarm(timed);
      timed.expire();
    }
  }
}
