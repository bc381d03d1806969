import type { Logger } from 'pino';
import { type PortPlace, portKey } from '../../routing/model/route.ts';
import type { ListenerFacts } from '../connection/facts.ts';
import type { SharedSocket } from '../engine/contract.ts';
import { explainListenError, ListenError, type ListenPlace } from './listen-error.ts';
import type { Outgoing } from './pool-member.ts';
import { inboundOf, portSockets, type SocketConfig } from './port-sockets.ts';
import { bindSharedSocket } from './shared-socket.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface ListenerStatus {
  readonly name: string;
  readonly peek: ListenerFacts['peek'];
  readonly address: string;
  readonly port: number;
  /** The `portKey` that a raw TCP port is open for; null for a listener of the configuration. */
  readonly binding: string | null;
  /** `open` when a worker accepts on it; `opening` before; `failed` with the system's reason. */
  readonly state: 'opening' | 'open' | 'failed';
  readonly problem: string | null;
}

/** A port taken by another program may become free: tried again this often. */
const RETRY_INTERVAL_MS = 5_000;

const HTTPS_PORT = 443;

/**
 * The sockets that the edge listens on: those of the configuration from start to end, and one for each bound raw TCP port
 * while the table has it. They are bound here, once, and accepted on by all workers.
 */
export class ListenerSet {
  readonly #config: SocketConfig;
  readonly #log: Logger;
  readonly #open = new Map<number, Opened>();
  /** By `portKey`. */
  readonly #tcp = new Map<string, readonly number[]>();
  readonly #strays = new Map<string, PortPlace>();
  readonly #retry: NodeJS.Timeout;
  #pool: WorkerPool | null = null;
  #hasTable = false;
  #nextId = 1;

  constructor(config: SocketConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#retry = setInterval(() => this.#retryFailed(), RETRY_INTERVAL_MS).unref();
  }

  /** Binds what the configuration names. Throws a `ListenError` for the first that cannot be had. */
  bindConfigured(): void {
    for (const config of this.#config.listeners) {
      if (config.kind === 'tcp') continue;
      const { name, kind, address, port, ipv6Only } = config;
      const { defersAccept } = config;
      const httpsPort = config.kind === 'http' ? config.httpsPort : HTTPS_PORT;
      const opened = this.#bind(
        { address, port, ipv6Only, owner: null },
        { name, peek: kind, port, binding: null, httpsPort, inbound: inboundOf(config), defersAccept },
      );
      if (opened.problem !== null) throw new ListenError(opened.place, opened.problem);
    }
  }

  /** From here on workers are told of what opens and closes. */
  attach(pool: WorkerPool): void {
    this.#pool = pool;
  }

  /** There is a table to decide by: the workers begin to listen. Before, every name would be refused as unknown. */
  begin(): void {
    if (this.#hasTable) return;
    this.#hasTable = true;
    for (const opened of this.#open.values()) this.#announce(opened);
  }

  /** What a new worker has to listen on. */
  *introduction(): Generator<Outgoing, void, undefined> {
    if (!this.#hasTable) return;
    for (const opened of this.#open.values()) {
      if (opened.socket !== null) yield listenMessage(opened, opened.socket);
    }
  }

  /** Opens a raw TCP port wherever the configuration has room for it. */
  openPort(bound: PortPlace): void {
    const binding = portKey(bound);
    if (this.#tcp.has(binding)) return;
    const { address, port } = bound;
    const sockets = portSockets(bound, this.#config);
    if (sockets.length === 0) {
      this.#strays.set(binding, { address, port });
      this.#log.warn({ address, port }, `a raw TCP port is bound here in vain: ${explainStray(bound)}`);
      return;
    }
    const opened = sockets.map(({ name, place, inbound }) =>
      this.#bind(place, {
        name,
        peek: 'none',
        port,
        binding,
        httpsPort: HTTPS_PORT,
        inbound,
        defersAccept: false,
      }),
    );
    this.#tcp.set(
      binding,
      opened.map(({ id }) => id),
    );
    for (const each of opened) this.#announce(each);
  }

  /** Closes it on all workers; its live connections go on. */
  closePort(bound: PortPlace): void {
    const binding = portKey(bound);
    this.#strays.delete(binding);
    for (const id of this.#tcp.get(binding) ?? []) {
      this.#open.get(id)?.socket?.close();
      this.#open.delete(id);
      this.#pool?.broadcast({ message: { kind: 'unlisten', id } });
    }
    this.#tcp.delete(binding);
  }

  /** A worker accepts on it. */
  accepted(id: number, worker: number): void {
    this.#open.get(id)?.workers.add(worker);
  }

  /** A worker could not listen, which for a bound socket means that another program was quicker. */
  rejected(id: number, code: string): void {
    const opened = this.#open.get(id);
    if (opened === undefined || opened.problem !== null) return;
    this.#fail(opened, code);
    // A worker that was luckier would keep the port, and the next try would find it taken, by ourselves.
    opened.workers.clear();
    this.#pool?.broadcast({ message: { kind: 'unlisten', id } });
  }

  workerLeft(worker: number): void {
    for (const opened of this.#open.values()) opened.workers.delete(worker);
  }

  status(): readonly ListenerStatus[] {
    return [...this.#open.values()].map(({ facts, place, problem, workers }) => ({
      name: facts.name,
      peek: facts.peek,
      address: place.address,
      port: facts.port,
      binding: facts.binding,
      state: problem !== null ? 'failed' : workers.size > 0 ? 'open' : 'opening',
      problem: problem === null ? null : explainListenError(place, problem),
    }));
  }

  /** Bound ports that this edge has no listener for. */
  strayPorts(): readonly PortPlace[] {
    return [...this.#strays.values()];
  }

  /** Whether every listener of the configuration is accepted on. Raw TCP ports do not count: one tenant's is not the edge. */
  get isOpen(): boolean {
    return this.status().every(({ peek, state }) => peek === 'none' || state === 'open');
  }

  close(): void {
    clearInterval(this.#retry);
    for (const { socket } of this.#open.values()) socket?.close();
    this.#open.clear();
  }

  #bind(place: Place, facts: ListenerFacts): Opened {
    const opened: Opened = {
      id: this.#nextId,
      facts,
      place,
      socket: null,
      problem: null,
      workers: new Set(),
    };
    this.#nextId += 1;
    this.#open.set(opened.id, opened);
    this.#tryBind(opened);
    return opened;
  }

  #tryBind(opened: Opened): void {
    if (opened.place.owner !== null) {
      this.#fail(opened, 'EADDRINUSE');
      return;
    }
    const bound = bindSharedSocket(opened.place);
    if (bound.kind === 'failed') {
      this.#fail(opened, bound.code);
      return;
    }
    opened.socket = bound.socket;
    opened.facts = { ...opened.facts, port: bound.port };
    opened.problem = null;
  }

  #fail(opened: Opened, code: string): void {
    // Without a pool the edge is still starting, and whoever starts it says so.
    if (opened.problem !== code && this.#pool !== null)
      this.#log.error({ listener: opened.facts.name }, explainListenError(opened.place, code));
    opened.problem = code;
    opened.socket?.close();
    opened.socket = null;
  }

  #announce(opened: Opened): void {
    if (this.#hasTable && opened.socket !== null) this.#pool?.broadcast(listenMessage(opened, opened.socket));
  }

  #retryFailed(): void {
    for (const opened of this.#open.values()) {
      if (opened.problem === null) continue;
      this.#tryBind(opened);
      this.#announce(opened);
    }
  }
}

/** Why a bound port is open nowhere on this edge. */
export function explainStray({ address, port }: PortPlace): string {
  return address === null
    ? `port ${port} is in no tcp listener's range`
    : `port ${port} of ${address} is on an address that no tcp listener has as a dedicated one`;
}

interface Place extends ListenPlace {
  readonly ipv6Only: boolean;
}

interface Opened {
  readonly id: number;
  /** With the port that was bound, where the system chose it. */
  facts: ListenerFacts;
  readonly place: Place;
  /** Null while it could not be bound. */
  socket: SharedSocket | null;
  /** The system's error code. */
  problem: string | null;
  /** The workers that accept on it. */
  readonly workers: Set<number>;
}

function listenMessage(opened: Opened, socket: SharedSocket): Outgoing {
  return { message: { kind: 'listen', id: opened.id, listener: opened.facts }, socket };
}
