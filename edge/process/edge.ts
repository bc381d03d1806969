import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../../config/config.ts';
import { openDatabase } from '../../routing/control/database.ts';
import { checkSchemaVersion } from '../../routing/control/schema-version.ts';
import type { Change } from '../../routing/model/change.ts';
import type { Revision } from '../../routing/model/revision.ts';
import { RowStore } from '../../routing/stream/row-store.ts';
import { readSnapshot, type SnapshotRead } from '../../routing/stream/snapshot-file.ts';
import { SnapshotWriter } from '../../routing/stream/snapshot-writer.ts';
import { Subscriber } from '../../routing/stream/subscriber.ts';
import { RouteTable } from '../../routing/table/route-table.ts';
import type { Engine } from '../engine/contract.ts';
import { type AdminServer, startAdminServer } from '../observe/admin-server.ts';
import type { EdgeView, ListenerView } from '../observe/edge-view.ts';
import { createMetrics } from '../observe/metrics.ts';
import type { FromWorker } from './ipc.ts';
import { ListenError } from './listen-error.ts';
import { ListenerSet } from './listener-set.ts';
import type { Outgoing } from './pool-member.ts';
import { appliedRevision, type EdgeParts, nodeReport, viewOf } from './status.ts';
import { WorkerPool } from './worker-pool.ts';
import { workerSettings } from './worker-settings.ts';

export interface EdgeOptions {
  readonly config: Config;
  /** The one that its workers run, which works here. */
  readonly engine: Engine['name'];
  /** A login that is a member of `weir_edge`. */
  readonly databaseUrl: string;
  readonly version: string;
  readonly log: Logger;
}

/** Rows in one message to a worker: large enough to be cheap, small enough not to hold its loop up for long. */
const ROWS_PER_MESSAGE = 500;

const SNAPSHOT_FILE = 'last-known-good.jsonl';
const SNAPSHOT_INTERVAL_MS = 2_000;

/**
 * The primary of a running edge: it follows the database, tells the workers, owns the listening sockets, and shows itself
 * on the admin server. It never touches a client's bytes.
 *
 *     database ──changes──▶ store, table ──messages──▶ workers
 *                             │    └──bound ports──▶ listeners ──sockets──▶ workers
 *                             └──▶ last-known-good snapshot
 */
export class Edge {
  /** What can be seen of it. */
  readonly view: EdgeView;

  readonly #options: EdgeOptions;
  readonly #store = new RowStore();
  readonly #table = new RouteTable();
  readonly #listeners: ListenerSet;
  readonly #pool: WorkerPool;
  readonly #subscriber: Subscriber;
  readonly #snapshots: SnapshotWriter;
  readonly #parts: EdgeParts;
  #snapshotAt: Date | null = null;
  #admin: AdminServer | null = null;
  #stopped: Promise<void> | null = null;

  /**
   * Starts an edge; it has its sockets and goes on by itself when this resolves, ready or not yet.
   *
   * Throws a `ListenError` where a socket cannot be had, and, where there is no snapshot to serve from, a `DatabaseError`
   * where the database cannot be used. Nothing is left running then.
   */
  static async start(options: EdgeOptions): Promise<Edge> {
    const { config, log } = options;
    await mkdir(config.stateDir, { recursive: true });
    const snapshot = await readSnapshot(join(config.stateDir, SNAPSHOT_FILE));
    if (snapshot.kind === 'corrupt') {
      log.error(
        { movedTo: snapshot.movedTo },
        `the last-known-good snapshot ${snapshot.problem}; it was set aside and is not used`,
      );
    }
    if (snapshot.kind !== 'loaded') await checkDatabase(options);
    const listeners = new ListenerSet(config, log);
    try {
      listeners.bindConfigured();
    } catch (error) {
      listeners.close();
      throw error;
    }
    const edge = new Edge(options, listeners);
    if (snapshot.kind === 'loaded') edge.#restore(snapshot);
    edge.#subscriber.start();
    try {
      await edge.#openAdmin();
    } catch (error) {
      edge.hurry();
      await edge.stop();
      throw error;
    }
    return edge;
  }

  private constructor(options: EdgeOptions, listeners: ListenerSet) {
    const { config, log } = options;
    this.#options = options;
    this.#listeners = listeners;
    const size = config.workers === 0 ? availableParallelism() : config.workers;
    this.#pool = new WorkerPool({
      size,
      settings: workerSettings(config, options.engine, size),
      log,
      introduction: () => this.#introduction(),
      onMessage: (worker, message) => this.#take(worker, message),
      onExit: (worker) => listeners.workerLeft(worker),
    });
    listeners.attach(this.#pool);
    this.#snapshots = new SnapshotWriter(
      this.#store,
      { path: join(config.stateDir, SNAPSHOT_FILE), intervalMs: SNAPSHOT_INTERVAL_MS },
      log,
    );
    const { pollIntervalMs, heartbeatIntervalMs, connectTimeoutMs, queryTimeoutMs } = config.stream;
    this.#subscriber = new Subscriber({
      store: this.#store,
      options: {
        url: options.databaseUrl,
        pollIntervalMs,
        heartbeatIntervalMs,
        timeouts: { connectMs: connectTimeoutMs, queryMs: queryTimeoutMs },
      },
      events: {
        onChanges: (changes, revision) => this.#spread(changes, revision),
        onRejected: () => this.#subscriber.report(),
        onState: (state) => {
          if (state.kind === 'live') listeners.begin();
        },
      },
      describeNode: () => nodeReport(this.#parts),
      log,
    });
    this.#parts = {
      config,
      engine: options.engine,
      version: options.version,
      startedAt: new Date(),
      store: this.#store,
      table: this.#table,
      pool: this.#pool,
      listeners,
      subscriber: this.#subscriber,
      snapshotAt: () => this.#snapshotAt,
      isStopping: () => this.#stopped !== null,
    };
    this.view = viewOf(this.#parts);
  }

  /** Where the admin server is, null where it is off. */
  get admin(): { readonly address: string; readonly port: number } | null {
    return this.#admin;
  }

  get listeners(): readonly ListenerView[] {
    return this.#listeners.status();
  }

  /** Takes no new connections, lets the live ones go on until the drain deadline, and resolves when every process has left. */
  stop(): Promise<void> {
    this.#stopped ??= this.#shutDown();
    return this.#stopped;
  }

  /** Stops without waiting for the workers' connections. */
  hurry(): void {
    void this.stop();
    this.#pool.kill();
  }

  async #shutDown(): Promise<void> {
    this.#listeners.close();
    // What is written at the end is dated, and says until when the table was known to be current.
    if (this.#subscriber.state.kind === 'live') this.#snapshots.touch();
    await Promise.all([this.#subscriber.stop(), this.#pool.stop()]);
    await this.#snapshots.close();
    await this.#admin?.close();
    this.#admin = null;
  }

  async #openAdmin(): Promise<void> {
    const { admin } = this.#options.config;
    if (admin === null) return;
    try {
      this.#admin = await startAdminServer(admin, this.view, createMetrics(this.view));
    } catch (error) {
      if (error instanceof Error && 'code' in error && 'syscall' in error)
        throw new ListenError({ ...admin, owner: null }, String(error.code));
      throw error;
    }
  }

  /** Takes what the snapshot has, as if it had just been read. */
  #restore({ changes, history, revision, createdAt }: Snapshot): void {
    const { log } = this.#options;
    for (const change of changes) this.#store.apply(change);
    this.#store.settle(revision);
    this.#store.follow(history);
    this.#snapshotAt = createdAt;
    this.#applyToTable(changes, revision);
    log.info(
      { revision, rows: this.#store.size, from: createdAt },
      'serving from the last-known-good snapshot until the database answers',
    );
    this.#listeners.begin();
  }

  /** A page of changes that the store already has. */
  #spread(changes: readonly Change[], revision: Revision): void {
    for (let at = 0; at < changes.length; at += ROWS_PER_MESSAGE) {
      this.#pool.broadcast({ message: { kind: 'table', changes: changes.slice(at, at + ROWS_PER_MESSAGE) } });
    }
    this.#pool.broadcast({ message: { kind: 'settled', revision } });
    this.#applyToTable(changes, revision);
    this.#snapshots.touch();
  }

  #applyToTable(changes: readonly Change[], revision: Revision): void {
    for (const change of changes) {
      const effect = this.#table.apply(change);
      if (effect.kind === 'bound') this.#listeners.openPort(effect.place);
      else if (effect.kind === 'unbound') this.#listeners.closePort(effect.place);
    }
    this.#table.settle(revision);
  }

  *#introduction(): Generator<Outgoing, void, undefined> {
    for (const changes of this.#store.chunks(ROWS_PER_MESSAGE)) yield { message: { kind: 'table', changes } };
    yield { message: { kind: 'settled', revision: this.#store.revision } };
    yield* this.#listeners.introduction();
  }

  #take(worker: number, message: FromWorker): void {
    switch (message.kind) {
      case 'listening':
        this.#listeners.accepted(message.id, worker);
        return;
      case 'listen-failed':
        this.#listeners.rejected(message.id, message.code);
        this.#subscriber.report();
        return;
      case 'problem':
        this.#options.log.error({ worker, code: message.code }, message.message);
        return;
      case 'applied':
        // Who looks at the heartbeat wants to see the change there as soon as it is live everywhere.
        if (appliedRevision(this.#parts) === this.#store.revision) this.#subscriber.report();
        return;
      case 'started':
      case 'report':
        return;
      default:
        message satisfies never;
    }
  }
}

type Snapshot = Extract<SnapshotRead, { kind: 'loaded' }>;

/** With nothing to serve from, a database that cannot be used is a failed start; afterwards it is only waited for. */
async function checkDatabase({ config, databaseUrl }: EdgeOptions): Promise<void> {
  const database = openDatabase({
    url: databaseUrl,
    name: 'weir edge (check)',
    maxConnections: 1,
    connectTimeoutMs: config.stream.connectTimeoutMs,
    queryTimeoutMs: config.stream.queryTimeoutMs,
  });
  try {
    await checkSchemaVersion(database);
  } finally {
    await database.close();
  }
}
