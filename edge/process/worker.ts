import cluster from 'node:cluster';
import type { Revision } from '../../routing/model/revision.ts';
import { RouteTable } from '../../routing/table/route-table.ts';
import { answerFor } from '../connection/answer.ts';
import { decide } from '../connection/decide.ts';
import { decideByProxyHeader } from '../connection/decide-by-proxy-header.ts';
import { planForward } from '../connection/forward.ts';
import type { Decision } from '../connection/plan.ts';
import { TrustedSources } from '../connection/trusted-sources.ts';
import { chooseEngine } from '../engine/choose.ts';
import type { Engine, EngineHost, Listening, SharedSocket } from '../engine/contract.ts';
import { type AccessLog, createAccessLog } from '../observe/access-log.ts';
import { Counters } from '../observe/counters.ts';
import { ja4 } from '../wire/ja4.ts';
import { connectionLimit, readProcessLimits } from './descriptor-limit.ts';
import {
  type FromWorker,
  REPORT_INTERVAL_MS,
  type ToWorker,
  WORKER_SETTINGS_VARIABLE,
  type WorkerSettings,
} from './ipc.ts';

/** Often enough that the last connection's end is not waited for longer than anyone notices. */
const DRAIN_POLL_MS = 50;

/** What a worker process does from its start to its end. */
export async function runWorker(): Promise<void> {
  // A cluster's worker ends at once when its primary disappears, unless it is known to be leaving: this one drains first.
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;

  // The terminal's Ctrl-C reaches every process of the group; only the primary acts on it, and then tells.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

  const settings: WorkerSettings = JSON.parse(process.env[WORKER_SETTINGS_VARIABLE] ?? 'null');
  if (settings === null) {
    throw new Error(`${WORKER_SETTINGS_VARIABLE} is not set: workers are started by the primary`);
  }
  const access = settings.log.access
    ? await createAccessLog(settings.log, { node: settings.node, pid: process.pid })
    : null;
  new Worker(settings, access).run();
}

/**
 * One worker process: holds a copy of the table, decides, and lets the engine relay. It takes its orders from the primary
 * and ends when that is gone, after the same drain.
 */
class Worker {
  readonly #settings: WorkerSettings;
  readonly #table = new RouteTable();
  readonly #counters: Counters;
  readonly #access: AccessLog | null;
  readonly #engine: Engine;
  readonly #trusted = new TrustedSources();
  readonly #listenings = new Map<number, Promise<Listening | null>>();
  #isDraining = false;

  constructor(settings: WorkerSettings, access: AccessLog | null) {
    this.#settings = settings;
    this.#access = access;
    this.#counters = new Counters(settings.listeners);
    const engine = chooseEngine(settings.engine);
    if (engine.kind === 'unavailable') throw new Error(engine.reason);
    this.#engine = engine.create(this.#host(), {
      ...settings.limits,
      maxConnections: connectionLimit(settings.limits.maxConnections, readProcessLimits()),
    });
  }

  run(): void {
    process.on('message', (message: ToWorker, socket: SharedSocket | undefined) =>
      this.#take(message, socket),
    );
    process.on('disconnect', () => this.#drain());
    setInterval(() => this.#report(), REPORT_INTERVAL_MS).unref();
    send({ kind: 'started' });
  }

  #host(): EngineHost {
    const table = this.#table;
    const trusted = this.#trusted;
    const { maxHelloBytes } = this.#settings.limits;
    const asksJa4 = this.#settings.log.ja4;
    const policy = {
      dialTimeoutMs: this.#settings.timeouts.dialMs,
      idleTimeoutMs: this.#settings.timeouts.idleMs,
      halfClosedTimeoutMs: this.#settings.timeouts.halfClosedMs,
    };
    return {
      decide(peeked, facts): Decision {
        const byHeader = decideByProxyHeader(peeked, facts, trusted);
        if (byHeader !== null) return byHeader;
        // One read may bring more than the cap, and where the bytes were cut must make no difference.
        const verdict = decide(peeked.subarray(0, maxHelloBytes), facts, table);
        if (verdict.kind === 'need-more') return verdict;
        const decision: Decision =
          verdict.kind === 'forward'
            ? { kind: 'forward', plan: planForward(verdict, facts, policy) }
            : verdict;
        return asksJa4 && facts.listener.peek === 'tls' ? withJa4(decision, ja4(peeked)) : decision;
      },
      isTrusted: (listener, peerAddress) =>
        listener.inbound.proxyProtocol !== 'off' && trusted.has(listener.name, peerAddress),
      answerFor,
      report: (outcome) => {
        this.#counters.add(outcome);
        this.#access?.write(outcome);
      },
      warn: (problem) => send({ kind: 'problem', ...problem }),
    };
  }

  #take(message: ToWorker, socket: SharedSocket | undefined): void {
    switch (message.kind) {
      case 'table':
        for (const change of message.changes) this.#table.apply(change);
        return;
      case 'settled':
        this.#table.settle(message.revision as Revision);
        send({ kind: 'applied', revision: message.revision });
        return;
      case 'listen':
        this.#listen(message, socket);
        return;
      case 'unlisten':
        void this.#listenings.get(message.id)?.then((listening) => listening?.stop());
        this.#listenings.delete(message.id);
        return;
      case 'drain':
        this.#drain();
        return;
      default:
        message satisfies never;
    }
  }

  #listen(message: ToWorker & { kind: 'listen' }, socket: SharedSocket | undefined): void {
    if (socket === undefined) return;
    if (this.#isDraining || this.#listenings.has(message.id)) {
      socket.close();
      return;
    }
    this.#trusted.learn(message.listener);
    const listening = this.#engine.listen(socket, message.listener).then(
      (opened) => {
        send({ kind: 'listening', id: message.id });
        return opened;
      },
      (error: NodeJS.ErrnoException) => {
        this.#listenings.delete(message.id);
        send({ kind: 'listen-failed', id: message.id, code: error.code ?? error.message });
        return null;
      },
    );
    this.#listenings.set(message.id, listening);
  }

  #report(then?: () => void): void {
    send(
      {
        kind: 'report',
        counters: this.#counters.snapshot(),
        liveConnections: this.#engine.liveConnections,
        droppedLogLines: this.#access?.dropped() ?? 0,
      },
      then,
    );
  }

  /** Accepts no more, lets what lives go on until the deadline, and ends the process. */
  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (const listening of this.#listenings.values()) void listening.then((opened) => opened?.stop());
    const deadline = performance.now() + this.#settings.drainMs;
    let isClosing = false;
    setInterval(() => {
      if (this.#engine.liveConnections === 0) this.#end();
      else if (performance.now() >= deadline) {
        // The second time something would not close: the process ends without it.
        if (isClosing) this.#end();
        isClosing = true;
        this.#engine.closeConnections();
      }
    }, DRAIN_POLL_MS);
  }

  #end(): void {
    this.#access?.close();
    this.#report(() => process.exit(0));
  }
}

function withJa4(decision: Decision, fingerprint: string | null): Decision {
  if (decision.kind === 'refuse') return { ...decision, ja4: fingerprint };
  if (decision.kind === 'forward') return { kind: 'forward', plan: { ...decision.plan, ja4: fingerprint } };
  return decision;
}

/** The primary may be gone: `disconnect` tells that, not a failed message, so `then` is called in any case. */
function send(message: FromWorker, then: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, then);
  else then();
}
