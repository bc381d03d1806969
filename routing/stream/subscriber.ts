import type { Logger } from 'pino';
import { toDatabaseError } from '../control/database-error.ts';
import { checkSchemaVersion } from '../control/schema-version.ts';
import { backoffMs } from './backoff.ts';
import { CatchUp, type CatchUpEvents } from './catch-up.ts';
import { DatabaseLink, type LinkTimeouts } from './database-link.ts';
import type { RejectedRow } from './decode-change.ts';
import { Heartbeat, type NodeReport } from './heartbeat.ts';
import { NotificationLink } from './notification-link.ts';
import type { RowStore } from './row-store.ts';
import { WakeUp } from './wake-up.ts';

/** How well an edge knows what the database says. */
export type StreamState =
  /** Nothing was read since the start. `problem` says why, null before the first attempt has failed. */
  | { readonly kind: 'connecting'; readonly problem: string | null }
  | { readonly kind: 'live' }
  /** Up to date at `since`, and not able to ask ever after. `problem` is a sentence that says what to do. */
  | { readonly kind: 'stale'; readonly since: Date; readonly problem: string };

interface SubscriberEvents extends CatchUpEvents {
  /** Called when the state or its problem changes, never for the state at the start. */
  onState(state: StreamState): void;
}

export interface SubscriberOptions {
  /** A login that is a member of `weir_edge`. The password is never shown. */
  readonly url: string;
  /** Milliseconds between two reads at most: how late a change may be if its notification is lost. */
  readonly pollIntervalMs: number;
  /** Milliseconds between two reports to `weir.nodes` at most. */
  readonly heartbeatIntervalMs: number;
  /** Rows of one read. @default 2000 */
  readonly pageRows?: number;
  /** @default 5 s to connect, 15 s for a statement */
  readonly timeouts?: LinkTimeouts;
}

export interface SubscriberParts {
  /** Owned by the caller, who fills it from a snapshot file before `start`; written by the subscriber from then on. */
  readonly store: RowStore;
  readonly options: SubscriberOptions;
  readonly events: SubscriberEvents;
  /** What a heartbeat says. Called often: it must be cheap. */
  readonly describeNode: () => NodeReport;
  readonly log: Logger;
}

const PAGE_ROWS = 2_000;
const TIMEOUTS: LinkTimeouts = { connectMs: 5_000, queryMs: 15_000 };

/**
 * Follows the projections in the database for as long as the process lives, and never fails: `start` and what follows
 * throw nothing, states tell.
 *
 *     connecting ──schema is ours──► reading ──nothing left──► waiting
 *       ▲     │                      │    ▲                      │  notification, timer,
 *       │     │ failed               │    └──────────────────────┤  LISTEN is up (again)
 *       │     ▼                      ▼ failed                    │
 *       └── back-off ◄───────────────┴───── connection lost ◄────┘
 *
 * One connection reads and reports; another one (`NotificationLink`) listens, and does no more than end the waiting.
 */
export class Subscriber {
  readonly #parts: SubscriberParts;
  readonly #catchUp: CatchUp;
  readonly #heartbeat: Heartbeat;
  readonly #notifications: NotificationLink;
  readonly #timeouts: LinkTimeouts;
  readonly #wake = new WakeUp();
  readonly #pause = new WakeUp();
  #state: StreamState = { kind: 'connecting', problem: null };
  #currentAt: Date | null = null;
  #hasNews = false;
  #isStopped = false;
  #link: DatabaseLink | null = null;
  #done: Promise<void> | null = null;

  constructor(parts: SubscriberParts) {
    const { store, options, events, log } = parts;
    this.#parts = parts;
    this.#timeouts = options.timeouts ?? TIMEOUTS;
    this.#catchUp = new CatchUp(store, events, { pageRows: options.pageRows ?? PAGE_ROWS, log });
    this.#heartbeat = new Heartbeat(parts.describeNode, options.heartbeatIntervalMs, log);
    this.#notifications = new NotificationLink({
      url: options.url,
      timeouts: this.#timeouts,
      pollIntervalMs: options.pollIntervalMs,
      log,
      isReading: () => this.#state.kind === 'live',
      onWake: () => this.#wake.ring(),
    });
  }

  get state(): StreamState {
    return this.#state;
  }

  /** The rows that were read and are wrong now. */
  get rejected(): Iterable<RejectedRow> {
    return this.#catchUp.rejected;
  }

  /** Begins; returns at once. */
  start(): void {
    if (this.#done !== null) return;
    this.#notifications.start();
    this.#done = this.#run();
  }

  /** Says that `describeNode` has something new: it is reported soon, at most once a second. */
  report(): void {
    this.#hasNews = true;
    this.#wake.ring();
  }

  /** Ends both connections without waiting for the server; no event comes once it has resolved. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#link?.close();
    this.#wake.ring();
    this.#pause.ring();
    await Promise.all([this.#notifications.stop(), this.#done]);
  }

  async #run(): Promise<void> {
    let attempt = 0;
    while (!this.#isStopped) {
      try {
        const link = new DatabaseLink(this.#parts.options.url, this.#timeouts, () => this.#wake.ring());
        this.#link = link;
        await link.open();
        await checkSchemaVersion(link.client);
        while (!this.#isStopped) {
          await this.#pass(link);
          attempt = 0;
          await this.#wake.sleep(this.#waitMs());
        }
      } catch (error) {
        this.#lose(error);
      } finally {
        this.#link?.close();
        this.#link = null;
      }
      if (this.#isStopped) return;
      await this.#pause.sleep(backoffMs(attempt, Math.random()));
      attempt += 1;
    }
  }

  async #pass(link: DatabaseLink): Promise<void> {
    link.assertAlive();
    await this.#catchUp.run(link.client);
    this.#currentAt = new Date();
    this.#become({ kind: 'live' });
    if (this.#notifications.needsProbe) await this.#notifications.probe(link.client);
    if (this.#heartbeat.dueInMs(this.#hasNews) > 0) return;
    this.#hasNews = false;
    await this.#heartbeat.send(link.client);
  }

  /** A tenth less at random, so that the edges of a fleet do not all ask at the same moment. */
  #waitMs(): number {
    const pollMs = this.#parts.options.pollIntervalMs * (1 - 0.1 * Math.random());
    return Math.max(0, Math.min(pollMs, this.#heartbeat.dueInMs(this.#hasNews)));
  }

  #lose(error: unknown): void {
    if (this.#isStopped) return;
    const { code, message } = toDatabaseError(error, this.#parts.options.url);
    const isNew = this.#state.kind === 'live' || this.#state.problem !== message;
    // Each problem once, and not once for each attempt: an outage may last for days.
    if (isNew) this.#parts.log.warn({ code }, `${message}; serving goes on with what is known`);
    this.#become(
      this.#currentAt === null
        ? { kind: 'connecting', problem: message }
        : { kind: 'stale', since: this.#currentAt, problem: message },
    );
  }

  #become(state: StreamState): void {
    const before = this.#state;
    if (this.#isStopped || isSame(before, state)) return;
    this.#state = state;
    if (state.kind === 'live') {
      const { revision, size } = this.#parts.store;
      this.#parts.log.info({ revision, rows: size }, 'routes are up to date with the database');
    }
    this.#parts.events.onState(state);
  }
}

function isSame(one: StreamState, other: StreamState): boolean {
  if (one.kind === 'live' || other.kind === 'live') return one.kind === other.kind;
  return one.kind === other.kind && one.problem === other.problem;
}
