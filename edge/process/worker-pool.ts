import cluster, { type Worker as Process } from 'node:cluster';
import type { Logger } from 'pino';
import type { SharedSocket } from '../engine/contract.ts';
import { type CounterSnapshot, emptySnapshot, sumSnapshots } from '../observe/counters.ts';
import {
  decodeFromWorker,
  type FromWorker,
  type ToWorker,
  WORKER_SETTINGS_VARIABLE,
  type WorkerSettings,
} from './ipc.ts';

/** One message, with the socket that goes with it. */
export interface Outgoing {
  readonly message: ToWorker;
  readonly socket?: SharedSocket;
}

export interface WorkerStatus {
  readonly id: number;
  readonly pid: number;
  readonly state: 'starting' | 'running' | 'leaving';
  /** The last revision that it has applied completely. */
  readonly revision: number;
  readonly liveConnections: number;
}

export interface WorkerPoolOptions {
  readonly size: number;
  readonly settings: WorkerSettings;
  readonly log: Logger;
  /**
   * What a new worker has to know before it takes part in the broadcasts: read lazily, while it is sent, so that it may be
   * as long as the table. Broadcasts that are made meanwhile come after it, so repeating something must do no harm.
   */
  readonly introduction: () => Iterable<Outgoing>;
  /** A message that is not the pool's own affair. */
  readonly onMessage: (worker: number, message: FromWorker) => void;
  /** A worker has left, whyever. */
  readonly onExit: (worker: number) => void;
}

/** A worker that was up for this long before it ended is replaced at once, else after a delay that doubles. */
const STABLE_AFTER_MS = 10_000;
const MIN_RESTART_DELAY_MS = 100;
const MAX_RESTART_DELAY_MS = 5_000;

/** A worker that has not reported for this long hangs: it is ended and replaced. Reports come every second. */
const HANG_TIMEOUT_MS = 30_000;
const HANG_CHECK_INTERVAL_MS = 5_000;

/** Beyond the workers' own drain deadline, before they are ended by force. */
const EXIT_GRACE_MS = 3_000;

/** Starts the workers, keeps as many as asked for alive, and talks to them in order. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #members = new Map<number, Member>();
  readonly #hangCheck: NodeJS.Timeout;
  readonly #restarts = new Set<NodeJS.Timeout>();
  #departed: CounterSnapshot;
  #departedDrops = 0;
  #restartCount = 0;
  #hangCheckedAt = performance.now();
  #restartDelayMs = MIN_RESTART_DELAY_MS;
  #isStopping = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#departed = emptySnapshot(options.settings.listeners.length);
    cluster.setupPrimary({
      exec: new URL('./worker.ts', import.meta.url).pathname,
      args: [],
      serialization: 'json',
    });
    this.#hangCheck = setInterval(() => this.#endHanging(), HANG_CHECK_INTERVAL_MS).unref();
    for (let started = 0; started < options.size; started += 1) this.#start();
  }

  /** Sends to every worker, after all that was sent before. */
  broadcast(outgoing: Outgoing): void {
    for (const member of this.#members.values()) member.send(outgoing);
  }

  status(): readonly WorkerStatus[] {
    return [...this.#members.values()].map((member) => member.status());
  }

  /** Totals of all workers that there ever were: a counter never goes down. */
  counters(): CounterSnapshot {
    let total = this.#departed;
    for (const { counters } of this.#members.values())
      if (counters !== null) total = sumSnapshots(total, counters);
    return total;
  }

  droppedLogLines(): number {
    let total = this.#departedDrops;
    for (const { droppedLogLines } of this.#members.values()) total += droppedLogLines;
    return total;
  }

  /** Workers that had to be replaced. */
  get restarts(): number {
    return this.#restartCount;
  }

  /** Drains all workers; past the deadline it ends them by force. Resolves when the last has left. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#hangCheck);
    for (const restart of this.#restarts) clearTimeout(restart);
    const members = [...this.#members.values()];
    for (const member of members) member.leave();
    const deadline = setTimeout(() => this.kill(), this.#options.settings.drainMs + EXIT_GRACE_MS);
    await Promise.all(members.map((member) => member.exited));
    clearTimeout(deadline);
  }

  /** Ends them at once. Whether they are replaced depends on whether the pool is stopping. */
  kill(): void {
    for (const member of this.#members.values()) member.kill();
  }

  #start(): void {
    const { settings, introduction, log, onMessage } = this.#options;
    const forked = cluster.fork({ [WORKER_SETTINGS_VARIABLE]: JSON.stringify(settings) });
    const member = new Member(forked, introduction);
    this.#members.set(forked.id, member);
    forked.on('message', (raw: unknown) => {
      const message = decodeFromWorker(raw, settings.listeners.length);
      if (message === null) {
        log.error({ worker: forked.id, raw }, 'a worker sent a message that is none: ignored');
        return;
      }
      member.take(message);
      onMessage(forked.id, message);
    });
    forked.on('error', (error) =>
      log.warn({ worker: forked.id, err: error }, 'the channel to a worker failed'),
    );
    forked.on('exit', (code, signal) => this.#exited(member, code, signal));
  }

  #exited(member: Member, code: number | null, signal: string | null): void {
    const { log, onExit } = this.#options;
    this.#members.delete(member.id);
    if (member.counters !== null) this.#departed = sumSnapshots(this.#departed, member.counters);
    this.#departedDrops += member.droppedLogLines;
    member.ended();
    onExit(member.id);
    if (this.#isStopping) return;

    const isStable = performance.now() - member.startedAt >= STABLE_AFTER_MS;
    this.#restartDelayMs = isStable
      ? MIN_RESTART_DELAY_MS
      : Math.min(this.#restartDelayMs * 2, MAX_RESTART_DELAY_MS);
    const delayMs = isStable ? 0 : this.#restartDelayMs;
    this.#restartCount += 1;
    log.error(
      { worker: member.id, pid: member.pid, code, signal, restart_in_ms: delayMs },
      'a worker ended unexpectedly',
    );
    const restart = setTimeout(() => {
      this.#restarts.delete(restart);
      this.#start();
    }, delayMs);
    this.#restarts.add(restart);
  }

  #endHanging(): void {
    const now = performance.now();
    const isLate = now - this.#hangCheckedAt > 2 * HANG_CHECK_INTERVAL_MS;
    this.#hangCheckedAt = now;
    // It was this process that stood still, and what the workers said meanwhile is still to be read.
    if (isLate) return;
    for (const member of this.#members.values()) {
      if (now - member.heardAt < HANG_TIMEOUT_MS) continue;
      this.#options.log.error(
        { worker: member.id, pid: member.pid },
        'a worker has not been heard of: it is ended',
      );
      member.kill();
    }
  }
}

/** One worker as the primary sees it: what goes to it, in order, and what it last said of itself. */
class Member {
  readonly startedAt = performance.now();
  heardAt = performance.now();
  counters: CounterSnapshot | null = null;
  droppedLogLines = 0;

  readonly #process: Process;
  readonly #introduction: () => Iterable<Outgoing>;
  readonly #exited = Promise.withResolvers<void>();
  #queue: Outgoing[] = [];
  #isSending = true;
  #state: WorkerStatus['state'] = 'starting';
  #revision = 0;
  #liveConnections = 0;

  constructor(forked: Process, introduction: () => Iterable<Outgoing>) {
    this.#process = forked;
    this.#introduction = introduction;
  }

  get id(): number {
    return this.#process.id;
  }

  get pid(): number {
    return this.#process.process.pid ?? 0;
  }

  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  status(): WorkerStatus {
    return {
      id: this.id,
      pid: this.pid,
      state: this.#state,
      revision: this.#revision,
      liveConnections: this.#liveConnections,
    };
  }

  take(message: FromWorker): void {
    this.heardAt = performance.now();
    if (message.kind === 'started') {
      if (this.#state === 'starting') this.#state = 'running';
      void this.#introduce();
    } else if (message.kind === 'applied') {
      this.#revision = message.revision;
    } else if (message.kind === 'report') {
      this.counters = message.counters;
      this.droppedLogLines = message.droppedLogLines;
      this.#liveConnections = message.liveConnections;
    }
  }

  send(outgoing: Outgoing): void {
    this.#queue.push(outgoing);
    if (!this.#isSending) void this.#flush();
  }

  leave(): void {
    this.#state = 'leaving';
    this.send({ message: { kind: 'drain' } });
  }

  kill(): void {
    this.#process.process.kill('SIGKILL');
  }

  ended(): void {
    this.#queue = [];
    this.#liveConnections = 0;
    this.#exited.resolve();
  }

  async #introduce(): Promise<void> {
    for (const outgoing of this.#introduction()) await this.#transmit(outgoing);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    this.#isSending = true;
    for (let batch = this.#queue; batch.length > 0; batch = this.#queue) {
      this.#queue = [];
      for (const outgoing of batch) await this.#transmit(outgoing);
    }
    this.#isSending = false;
  }

  /** Resolves when the channel has taken it, so that a slow worker fills our queue and not the channel's. */
  #transmit({ message, socket }: Outgoing): Promise<void> {
    return new Promise((resolve) => {
      const isClosedMeanwhile = socket !== undefined && socket.fd < 0;
      if (!this.#process.isConnected() || isClosedMeanwhile) resolve();
      // A failed send means that the worker is ending, which `exit` tells.
      else this.#process.send(message, socket as never, {}, () => resolve());
    });
  }
}
