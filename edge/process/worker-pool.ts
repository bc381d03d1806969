import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { type CounterSnapshot, emptySnapshot, sumSnapshots } from '../observe/counters.ts';
import { decodeFromWorker, type FromWorker, WORKER_SETTINGS_VARIABLE, type WorkerSettings } from './ipc.ts';
import { type Outgoing, PoolMember, type WorkerStatus } from './pool-member.ts';

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

/**
 * V8 lets the space for new objects grow to 16 MiB where many come in a second, and keeps it. What a connection leaves is
 * garbage at its end, so a small space, which stays in the processor's caches, costs no more time and saves the memory.
 */
const YOUNG_GENERATION = '--max-semi-space-size=2';

/** Beyond the workers' own drain deadline, before they are ended by force. */
const EXIT_GRACE_MS = 3_000;

/** Starts the workers, keeps as many as asked for alive, and talks to them in order. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #members = new Map<number, PoolMember>();
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
      exec: new URL('./worker-main.js', import.meta.url).pathname,
      args: [],
      // First, so that whoever runs it may say otherwise.
      execArgv: [...(isSaid(YOUNG_GENERATION) ? [] : [YOUNG_GENERATION]), ...process.execArgv],
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
    const member = new PoolMember(forked, introduction);
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
    forked.on('error', (error) => {
      const hasStarted = forked.process.pid !== undefined;
      log.warn(
        { worker: forked.id, err: error },
        hasStarted ? 'the channel to a worker failed' : 'a worker could not be started',
      );
      // What never ran never exits: this is all that is heard of it.
      if (!hasStarted) this.#exited(member, null, null);
    });
    forked.on('exit', (code, signal) => this.#exited(member, code, signal));
  }

  #exited(member: PoolMember, code: number | null, signal: string | null): void {
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
      { worker: member.id, worker_pid: member.pid, code, signal, restart_in_ms: delayMs },
      'a worker ended unexpectedly',
    );
    this.#startIn(delayMs);
  }

  #startIn(delayMs: number): void {
    const restart = setTimeout(() => {
      this.#restarts.delete(restart);
      try {
        this.#start();
      } catch (error) {
        // No memory for one more process, for instance. That passes, and the other workers go on.
        this.#options.log.error({ err: error }, 'a worker could not be started');
        this.#startIn(MAX_RESTART_DELAY_MS);
      }
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
        { worker: member.id, worker_pid: member.pid },
        'a worker has not been heard of: it is ended',
      );
      member.kill();
    }
  }
}

/** Whether an option of V8 was given to this process in `NODE_OPTIONS`, which a command line would outdo. */
function isSaid(option: string): boolean {
  const [name = option] = option.split('=');
  return (process.env['NODE_OPTIONS'] ?? '').includes(name);
}
