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
}

/** A connection that waits for bytes to be decided on. */
export interface Pending {
  /** Others need its place: it ends at once, and has removed itself when this returns. */
  giveWay(): void;
}

/** Where a connection stands. */
interface Entry<Connection> {
  readonly inAll: Place<Connection>;
  inAddress: Place<Connection> | null;
  inSubnet: Place<Connection> | null;
  /** Only of those that have bytes kept. */
  inKeeping: Place<Connection> | null;
  bytes: number;
}

/**
 * The connections that nothing is decided about yet. To open some and to say nothing costs a client next to nothing, so
 * there is a cap on them, and on those of one source. At a cap the oldest makes room: a client in earnest sends its hello
 * within a round trip, so whoever has waited longest is the least likely to be one.
 */
export class PendingConnections<Connection extends Pending> {
  readonly #limits: PendingLimits;
  readonly #entries = new Map<Connection, Entry<Connection>>();
  readonly #all = new Queue<Connection>('all');
  readonly #keeping = new Queue<Connection>('keeping');
  readonly #sources = new Map<string, Queue<Connection>>();
  #bytes = 0;

  constructor(limits: PendingLimits) {
    this.#limits = limits;
  }

  /** Connections that are waiting. */
  get size(): number {
    return this.#all.size;
  }

  /** Bytes that are kept for them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param source Whose it is: an address in plain text, or null for one that counts as nobody's. */
  add(connection: Connection, source: string | null): void {
    const inAll = this.#all.join(connection);
    this.#entries.set(connection, { inAll, inAddress: null, inSubnet: null, inKeeping: null, bytes: 0 });
    if (source !== null) this.setSource(connection, source);
    makeRoom(this.#all, this.#limits.connections);
  }

  /** Counts it for `source` from here on; it is the youngest there. */
  setSource(connection: Connection, source: string): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined || entry.inAddress?.queue.key === source) return;
    this.#leaveSources(entry);
    entry.inAddress = this.#source(source).join(connection);
    makeRoom(entry.inAddress.queue, this.#limits.perAddress);
    if (isIPv4(source)) return;
    entry.inSubnet = this.#source(subnetOf(source)).join(connection);
    makeRoom(entry.inSubnet.queue, this.#limits.perSubnet);
  }

  /** So many bytes are kept of it now. Where there are too many in all, it may be the one that gives way. */
  keep(connection: Connection, bytes: number): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined) return;
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    entry.inKeeping ??= this.#keeping.join(connection);
    while (this.#limits.bytes > 0 && this.#bytes > this.#limits.bytes) {
      this.#keeping.first?.giveWay();
    }
  }

  /** Lets the oldest give way, whatever the limits are; false when there is none. */
  makeWay(): boolean {
    const oldest = this.#all.first;
    oldest?.giveWay();
    return oldest !== null;
  }

  /** It waits no more. Does nothing for one that is not there. */
  remove(connection: Connection): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined) return;
    this.#entries.delete(connection);
    this.#all.leave(entry.inAll);
    if (entry.inKeeping !== null) this.#keeping.leave(entry.inKeeping);
    this.#bytes -= entry.bytes;
    this.#leaveSources(entry);
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

function makeRoom<Connection extends Pending>(queue: Queue<Connection>, limit: number): void {
  while (limit > 0 && queue.size > limit) queue.first?.giveWay();
}

/** The first 64 bits of an IPv6 address; one that cannot be read, which a system never shows, is alone. */
function subnetOf(address: string): string {
  const zone = address.indexOf('%');
  const bytes = ipv6Bytes(zone < 0 ? address : address.slice(0, zone));
  return `${bytes === null ? address : Buffer.from(bytes.subarray(0, 8)).toString('hex')}/64`;
}
