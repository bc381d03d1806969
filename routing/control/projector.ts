import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../stream/backoff.ts';
import { type Database, openDatabase } from './database.ts';
import { toDatabaseError } from './database-error.ts';
import { listenForEvents } from './events/listen-events.ts';
import type { Log } from './log.ts';
import { Alarm } from './projection/alarm.ts';
import { Compactor } from './projection/compactor.ts';
import { type Batch, projectBatch } from './projection/project-batch.ts';
import { checkSchemaVersion } from './schema-version.ts';

/** Large enough for a bulk load, small enough that nobody waits long for the lock. */
const BATCH_EVENTS = 500;

/** What a lost notification costs at most; `LISTEN` does not work through a pooler in transaction mode at all. */
const POLL_MS = 1_000;

/**
 * While there is something to do, this long between two looks: events that come meanwhile share a batch, and nobody
 * notifies as long as an outbox that is not empty says it already.
 */
const GATHER_MS = 20;

/** How long the looks go on when there is nothing: for transactions that saw the outbox full and were not committed yet. */
const ATTENTION_MS = 100;

const COMPACT_EVERY_MS = 3_600_000;

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
  /** How often old tombstones are looked for; first at the start. @default 3600000 */
  readonly compactEveryMs?: number;
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
  const compactor = new Compactor(options.compactEveryMs ?? COMPACT_EVERY_MS, log);
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await runSession(options, compactor, () => {
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
async function runSession(options: ProjectorOptions, compactor: Compactor, onUp: () => void): Promise<void> {
  const { url, signal, connectTimeoutMs = 5_000, queryTimeoutMs = 10_000 } = options;
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
    const name = 'weir projector (listen)';
    ending.push(await listenForEvents({ url, name, connectTimeoutMs, queryTimeoutMs }, alarm));
    onUp();
    let foundAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      alarm.reset();
      if ((await projectAll(database, options)) > 0) foundAt = performance.now();
      await compactor.compactWhenDue(database, signal);
      // Without regard to notifications: they say what is known.
      if (performance.now() - foundAt < ATTENTION_MS)
        await delay(GATHER_MS, undefined, { signal }).catch(() => {});
      else await alarm.within(POLL_MS);
    }
  } finally {
    signal.removeEventListener('abort', wake);
    // A server that has fallen silent does not answer a goodbye.
    const ended = Promise.allSettled(ending.map((end) => end()));
    await Promise.race([ended, delay(GOODBYE_MS, undefined, { ref: false })]);
  }
}

/** Projects batch after batch until nothing is pending, and answers with how many events there were. */
async function projectAll(database: Database, { log, signal }: ProjectorOptions): Promise<number> {
  let all = 0;
  for (let taken = BATCH_EVENTS; taken === BATCH_EVENTS && !signal.aborted; all += taken) {
    const batch = await projectPending(database);
    for (const failed of batch.failed) log.error(failed, 'an event cannot be projected and was set aside');
    taken = batch.taken;
  }
  return all;
}
