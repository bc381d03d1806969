import { isIPv4 } from 'node:net';
import { ipv6Bytes } from '../wire/ip-bytes.ts';
import { type Place, Queue } from './queue.ts';

/** How much there may be that nothing is decided about yet, in one worker; 0 means no limit. */
export interface PendingLimits {
  /** Connections in all. */
  readonly connections: number;
  /** Connections of one address. */
  readonly perAddress: number;
  /** Connections of one IPv6 /64: the least that a site is given (RFC 6177 §2), so one client may have all its addresses. */
  readonly perSubnet: number;
  /** Bytes that they have sent and that are kept until the rest is there. */
  readonly bytes: number;
  /** Who has waited for less does not give way; then the one that is too many does. */
  readonly graceMs: number;
}

/** A connection that waits to be decided on, or for its client to leave. */
export interface Pending {
  /** Others need its place: it ends at once, and has removed itself when this returns. */
  giveWay(): void;
}

/** Where a connection stands. */
interface Entry<Connection> {
  readonly since: number;
  /** Among those that wait, or among those that have been answered. */
  inAll: Place<Connection>;
  inAddress: Place<Connection> | null;
  inSubnet: Place<Connection> | null;
  /** Only of those that have bytes kept. */
  inKeeping: Place<Connection> | null;
  bytes: number;
}

/**
 * The connections that cost their client next to nothing: those that nothing is decided about yet, and those that have been
 * refused and whose client has not left. There is a cap on them, and on those of one source.
 *
 * At a cap somebody makes room. First whoever has been answered, then the oldest: a client in earnest sends its hello at
 * once, so whoever has waited longest is the least likely to be one. But when even the oldest has just come there are too
 * many to serve, and it is the newcomer that goes, or each would push out the one before and none would be served.
 */
export class PendingConnections<Connection extends Pending> {
  readonly #limits: PendingLimits;
  readonly #clock: () => number;
  readonly #entries = new Map<Connection, Entry<Connection>>();
  readonly #waiting = new Queue<Connection>('waiting');
  readonly #answered = new Queue<Connection>('answered');
  readonly #keeping = new Queue<Connection>('keeping');
  readonly #sources = new Map<string, Queue<Connection>>();
  #bytes = 0;

  /** @param clock Milliseconds since any start. */
  constructor(limits: PendingLimits, clock: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Connections that wait to be decided on. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Refused ones whose client has not left. */
  get answered(): number {
    return this.#answered.size;
  }

  /** Bytes that are kept for them. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes one that waits; it may have given way when this returns.
   *
   * @param source Whose it is: an address in plain text, or null for one that counts as nobody's.
   */
  add(connection: Connection, source: string | null): void {
    this.#enter(connection, this.#waiting, source);
  }

  /** The same for one that has been refused, whether it waited here before or not. */
  addAnswered(connection: Connection, source: string | null): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined) {
      this.#enter(connection, this.#answered, source);
      return;
    }
    entry.inAll.queue.leave(entry.inAll);
    entry.inAll = this.#answered.join(connection);
    this.#keep(entry, 0);
    if (entry.inKeeping !== null) this.#keeping.leave(entry.inKeeping);
    entry.inKeeping = null;
  }

  /** Counts it for `source` from here on; it is the youngest there. */
  setSource(connection: Connection, source: string): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined || entry.inAddress?.queue.key === source) return;
    this.#leaveSources(entry);
    const { perAddress, perSubnet } = this.#limits;
    entry.inAddress = this.#source(source).join(connection);
    const subnet = isIPv4(source) ? null : this.#source(subnetOf(source));
    entry.inSubnet = subnet?.join(connection) ?? null;
    this.#makeRoom(entry.inAddress.queue, perAddress, connection);
    // It may have been the one that went.
    if (subnet !== null && entry.inSubnet !== null) this.#makeRoom(subnet, perSubnet, connection);
  }

  /** So many bytes are kept of it now. Where there are too many in all, it may be the one that gives way. */
  keep(connection: Connection, bytes: number): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined) return;
    this.#keep(entry, bytes);
    entry.inKeeping ??= this.#keeping.join(connection);
    while (this.#limits.bytes > 0 && this.#bytes > this.#limits.bytes && this.#entries.has(connection)) {
      this.#giveWay(this.#keeping.first, connection);
    }
  }

  /** Lets the oldest that waits give way, whatever the limits are; false when nobody has waited long enough. */
  makeWay(): boolean {
    const oldest = this.#waiting.first;
    if (oldest === null || !this.#hasWaited(oldest)) return false;
    oldest.giveWay();
    return true;
  }

  /** Lets the one that was answered first go; false when there is none. */
  dismiss(): boolean {
    const first = this.#answered.first;
    first?.giveWay();
    return first !== null;
  }

  /** It waits no more. Does nothing for one that is not there. */
  remove(connection: Connection): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined) return;
    this.#entries.delete(connection);
    entry.inAll.queue.leave(entry.inAll);
    if (entry.inKeeping !== null) this.#keeping.leave(entry.inKeeping);
    this.#keep(entry, 0);
    this.#leaveSources(entry);
  }

  #enter(connection: Connection, queue: Queue<Connection>, source: string | null): void {
    const inAll = queue.join(connection);
    const since = this.#clock();
    this.#entries.set(connection, {
      since,
      inAll,
      inAddress: null,
      inSubnet: null,
      inKeeping: null,
      bytes: 0,
    });
    if (source !== null) this.setSource(connection, source);
    const { connections } = this.#limits;
    if (connections === 0 || this.#entries.size <= connections) return;
    this.#giveWay(this.#answered.first ?? this.#waiting.first, connection);
  }

  #makeRoom(queue: Queue<Connection>, limit: number, newcomer: Connection): void {
    while (limit > 0 && queue.size > limit) this.#giveWay(queue.first, newcomer);
  }

  #giveWay(oldest: Connection | null, newcomer: Connection): void {
    if (oldest !== null && this.#hasWaited(oldest)) oldest.giveWay();
    else newcomer.giveWay();
  }

  /** Long enough to go: who was answered waits for nothing. */
  #hasWaited(connection: Connection): boolean {
    const entry = this.#entries.get(connection);
    if (entry === undefined || entry.inAll.queue === this.#answered) return true;
    return this.#clock() - entry.since >= this.#limits.graceMs;
  }

  #keep(entry: Entry<Connection>, bytes: number): void {
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
  }

  #source(key: string): Queue<Connection> {
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const queue = new Queue<Connection>(key);
    this.#sources.set(key, queue);
    return queue;
  }

  #leaveSources(entry: Entry<Connection>): void {
    for (const place of [entry.inAddress, entry.inSubnet]) {
      if (place === null) continue;
      place.queue.leave(place);
      if (place.queue.size === 0) this.#sources.delete(place.queue.key);
    }
    entry.inAddress = null;
    entry.inSubnet = null;
  }
}

/** The first 64 bits of an IPv6 address; one that cannot be read, which a system never shows, is alone. */
function subnetOf(address: string): string {
  const zone = address.indexOf('%');
  const bytes = ipv6Bytes(zone < 0 ? address : address.slice(0, zone));
  return `${bytes === null ? address : Buffer.from(bytes.subarray(0, 8)).toString('hex')}/64`;
}
