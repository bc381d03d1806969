import type { Worker as Process } from 'node:cluster';
import type { SharedSocket } from '../engine/contract.ts';
import type { CounterSnapshot } from '../observe/counters.ts';
import type { FromWorker, ToWorker } from './ipc.ts';

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

/** One worker as the primary sees it: what goes to it, in order, and what it last said of itself. */
export class PoolMember {
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
    for (const outgoing of this.#introduction()) {
      // What was broadcast while the table was on its way is older than some of its rows: nothing is decided by it.
      if (outgoing.socket !== undefined) await this.#sendQueue();
      await this.#transmit(outgoing);
    }
    await this.#flush();
  }

  async #flush(): Promise<void> {
    this.#isSending = true;
    await this.#sendQueue();
    this.#isSending = false;
  }

  async #sendQueue(): Promise<void> {
    for (let batch = this.#queue; batch.length > 0; batch = this.#queue) {
      this.#queue = [];
      for (const outgoing of batch) await this.#transmit(outgoing);
    }
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
