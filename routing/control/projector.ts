import { setTimeout as delay } from 'node:timers/promises';
import pgListen from 'pg-listen';
import { backoffMs } from '../stream/backoff.ts';
import { type Database, openDatabase } from './database.ts';
import { toDatabaseError } from './database-error.ts';
import type { Log } from './log.ts';
import { Alarm } from './projection/alarm.ts';
import { type Batch, projectBatch } from './projection/project-batch.ts';
import { checkSchemaVersion } from './schema-version.ts';

/** Large enough for a bulk load, small enough that nobody waits long for the lock. */
const BATCH_EVENTS = 500;

/** What a lost notification costs at most; `LISTEN` does not work through a pooler in transaction mode at all. */
const POLL_MS = 1_000;

const GOODBYE_MS = 1_000;

/** Which database, for how long, and how patiently. */
export interface ProjectorOptions {
  /** A login that is a member of `weir_control`. */
  readonly url: string;
  readonly log: Log;
  /** Ends the projector. */
  readonly signal: AbortSignal;
  /** @default 5000 */
  readonly connectTimeoutMs?: number;
  /** For each statement. @default 10000 */
  readonly queryTimeoutMs?: number;
}

/** Projects one batch of pending events; waits while another projector is at it. Rejects with a `DatabaseError`. */
export function projectPending(database: Database): Promise<Batch> {
  return projectBatch(database, BATCH_EVENTS);
}

/**
 * Projects events as they are recorded, until `signal` is aborted; then it resolves. Never rejects: a database that is
 * lost is logged once, and tried again for ever.
 *
 *     connect → check the schema → LISTEN → project until nothing is pending ⇄ wait for a notification or the timer
 *        ↑________________ back-off, jittered ____________________________________| anything fails
 */
export async function runProjector(options: ProjectorOptions): Promise<void> {
  const { log, signal } = options;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await runSession(options, () => {
        if (failures > 0) log.info({}, 'the projector has its database back');
        failures = 0;
      });
    } catch (error) {
      const { code, message } = toDatabaseError(error, options.url);
      // Whoever ends the projector may end its database with it.
      if (failures === 0 && !signal.aborted)
        log.warn({ code }, `the projector lost its database and goes on trying: ${message}`);
    }
    await delay(backoffMs(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}

/** From the connection to its loss. Resolves when the projector is to end, and rejects with what went wrong. */
async function runSession(options: ProjectorOptions, onUp: () => void): Promise<void> {
  const { url, signal, log, connectTimeoutMs = 5_000, queryTimeoutMs = 10_000 } = options;
  const database = openDatabase({
    url,
    name: 'weir projector',
    maxConnections: 1,
    connectTimeoutMs,
    queryTimeoutMs,
  });
  const alarm = new Alarm();
  const wake = () => alarm.ring();
  signal.addEventListener('abort', wake);
  const ending = [database.close];
  try {
    await checkSchemaVersion(database);
    const stopListening = await listen(options, alarm);
    ending.push(stopListening);
    onUp();
    while (!signal.aborted) {
      alarm.reset();
      for (let taken = BATCH_EVENTS; taken === BATCH_EVENTS && !signal.aborted; ) {
        const batch = await projectPending(database);
        for (const failed of batch.failed)
          log.error(failed, 'an event cannot be projected and was set aside');
        taken = batch.taken;
      }
      await alarm.within(POLL_MS);
    }
  } finally {
    signal.removeEventListener('abort', wake);
    // A server that has fallen silent does not answer a goodbye.
    const ended = Promise.allSettled(ending.map((end) => end()));
    await Promise.race([ended, delay(GOODBYE_MS, undefined, { ref: false })]);
  }
}

/** pg-listen has a way of its own to come back, without an end and without a word; here one connection is one session. */
async function listen(options: ProjectorOptions, alarm: Alarm): Promise<() => Promise<void>> {
  const { url, connectTimeoutMs = 5_000, queryTimeoutMs = 10_000 } = options;
  const subscriber = pgListen.default(
    {
      connectionString: url,
      application_name: 'weir projector (listen)',
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: queryTimeoutMs,
    },
    { retryLimit: 1, retryTimeout: 0 },
  );
  subscriber.events.on('error', (error) => alarm.fail(error));
  subscriber.notifications.on('weir_events', () => alarm.ring());
  try {
    await subscriber.connect();
    await subscriber.listenTo('weir_events');
  } catch (error) {
    await subscriber.close().catch(() => {});
    throw error;
  }
  return () => subscriber.close();
}
