import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import pgListen from 'pg-listen';
import type { Logger } from 'pino';
import { toDatabaseError } from '../control/database-error.ts';
import { backoffMs } from './backoff.ts';
import { type LinkTimeouts, linkConfig } from './database-link.ts';
import { WakeUp } from './wake-up.ts';

/** What PostgreSQL is told to call by whoever has made a new revision visible. */
const REVISION_CHANNEL = 'weir_revision';

/** How long a notification may take to come back before the way is taken to be closed. */
const PROBE_TIMEOUT_MS = 2_000;

/** After a restart of the server the reading connection may be back first, which is nothing to warn of. */
const QUIET_ATTEMPTS = 3;

/** Every so often a connection on which nothing is heard is asked whether it is still one. */
const LIVENESS_CHECK_MS = 30_000;

export interface NotificationLinkOptions {
  readonly url: string;
  readonly timeouts: LinkTimeouts;
  /** For the warning only. */
  readonly pollIntervalMs: number;
  readonly log: Logger;
  /** Whether changes can be read now. Where they cannot, there is no point in saying that they are not announced. */
  readonly isReading: () => boolean;
  /** Something may have changed: a notification came, or a connection that may have missed some is there again. */
  readonly onWake: () => void;
}

/**
 * The connection that listens, kept up for ever. Nothing depends on it but speed.
 *
 *     connecting ──LISTEN──► listening ──probe sent──► probing ──heard──► hearing
 *         ▲                      │                        │ 2 s               │
 *         │                      │                        └──► deaf (warned) ─┤ any notification ► hearing
 *         └──── back-off ◄───────┴────────── connection lost ◄────────────────┘
 *
 * A pooler in transaction mode accepts LISTEN and then gives the server connection to somebody else, so only a
 * notification that arrives proves that notifications arrive.
 */
export class NotificationLink {
  readonly #options: NotificationLinkOptions;
  readonly #probeChannel = `weir_probe_${randomBytes(8).toString('hex')}`;
  readonly #pause = new WakeUp();
  #state: 'connecting' | 'listening' | 'probing' | 'hearing' | 'deaf' = 'connecting';
  #isWarned = false;
  #isStopped = false;
  #probeTimer: NodeJS.Timeout | undefined;
  #endSession: (() => void) | null = null;
  #done: Promise<void> | null = null;

  constructor(options: NotificationLinkOptions) {
    this.#options = options;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#endSession?.();
    this.#pause.ring();
    await this.#done;
  }

  /** Whether this connection has not been probed yet. */
  get needsProbe(): boolean {
    return this.#state === 'listening';
  }

  /** Sends the probe by way of the connection that reads. Rejects where the statement fails. */
  async probe(database: ClientBase): Promise<void> {
    this.#state = 'probing';
    this.#probeTimer = setTimeout(() => {
      this.#state = 'deaf';
      this.#warn('notifications do not arrive (a pooler in transaction mode in front of PostgreSQL?)');
    }, PROBE_TIMEOUT_MS);
    try {
      await database.query('select pg_notify($1, $2)', [this.#probeChannel, '']);
    } catch (error) {
      clearTimeout(this.#probeTimer);
      if (this.#state === 'probing') this.#state = 'listening';
      throw error;
    }
  }

  async #run(): Promise<void> {
    let attempt = 0;
    while (!this.#isStopped) {
      const failure = await this.#session(() => {
        attempt = 0;
      });
      clearTimeout(this.#probeTimer);
      this.#state = 'connecting';
      if (this.#isStopped) return;
      if (attempt >= QUIET_ATTEMPTS && this.#options.isReading()) {
        this.#warn(`LISTEN is not possible (${toDatabaseError(failure, this.#options.url).message})`);
      }
      await this.#pause.sleep(backoffMs(attempt, Math.random()));
      attempt += 1;
    }
  }

  /** One connection from its start to its end; resolves with what ended it. */
  async #session(onListening: () => void): Promise<unknown> {
    let close = (): void => {};
    try {
      const { config, socket } = linkConfig(this.#options.url, this.#options.timeouts);
      close = () => socket.destroy();
      // One attempt for each subscriber, and the next one in `#run`: its own reconnecting cannot be stopped once it has
      // begun, and does not say when LISTEN failed on the new connection.
      const subscriber = createSubscriber(config, {
        retryLimit: 1,
        paranoidChecking: LIVENESS_CHECK_MS,
        parse: (payload) => payload,
      });
      return await new Promise<unknown>((resolve, reject) => {
        this.#endSession = () => resolve(new Error('stopped'));
        subscriber.events.on('error', reject);
        subscriber.events.on('notification', () => this.#hear());
        const listen = async (): Promise<void> => {
          await subscriber.connect();
          close = () => {
            subscriber.close().catch(() => {});
            socket.destroySoon();
          };
          await subscriber.listenTo(REVISION_CHANNEL);
          await subscriber.listenTo(this.#probeChannel);
          onListening();
          this.#state = 'listening';
          this.#options.onWake();
        };
        listen().catch(reject);
      });
    } catch (error) {
      return error;
    } finally {
      this.#endSession = null;
      close();
    }
  }

  #hear(): void {
    clearTimeout(this.#probeTimer);
    this.#state = 'hearing';
    if (this.#isWarned) this.#options.log.info('notifications arrive again');
    this.#isWarned = false;
    this.#options.onWake();
  }

  /** Once, until notifications arrive again: what follows from it is the same each time. */
  #warn(problem: string): void {
    if (this.#isWarned) return;
    this.#isWarned = true;
    const { log, pollIntervalMs } = this.#options;
    log.warn({ pollIntervalMs }, `${problem}; changes are taken by polling every ${pollIntervalMs} ms`);
  }
}

/** A CommonJS module: Node gives its exports, the function among them, as the default import. */
const createSubscriber = pgListen.default;
