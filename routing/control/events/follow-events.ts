import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../stream/backoff.ts';
import { type Database, openDatabase } from '../database.ts';
import { type DatabaseError, toDatabaseError } from '../database-error.ts';
import { Alarm } from '../projection/alarm.ts';
import type { EventFilter } from '../queries/event-filter.ts';
import { checkSchemaVersion } from '../schema-version.ts';
import type { EventList, EventView } from '../views.ts';
import { listenForEvents } from './listen-events.ts';
import { NewEvents } from './new-events.ts';

/** What a lost notification costs at most; `LISTEN` does not work through a pooler in transaction mode at all. */
const POLL_MS = 1_000;

const GOODBYE_MS = 1_000;

/** Which events, and who is told. */
export interface FollowOptions {
  /** A login that is a member of `weir_control`. */
  readonly url: string;
  readonly filter: EventFilter;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** What is there at the start, the last of it; called once, first. */
  readonly onPresent: (present: EventList) => Promise<void>;
  /** New ones, by the order in which they became visible; they are not read on until it resolves. */
  readonly onNew: (events: readonly EventView[]) => Promise<void>;
  /** The database is lost, once for each time. */
  readonly onLost: (error: DatabaseError) => void;
  /** It is back, and nothing was missed. */
  readonly onBack: () => void;
  /** @default 5000 */
  readonly connectTimeoutMs?: number;
  /** For each statement. @default 10000 */
  readonly queryTimeoutMs?: number;
}

/**
 * Tells of the log's events and goes on with new ones until `signal` is aborted; then it resolves. Each is told once, none
 * is skipped, also when the database is away for a while: see `NewEvents`.
 *
 * Rejects with a `DatabaseError` where the database fails before the start is told; after that it is tried again for ever.
 */
export async function followEvents(options: FollowOptions): Promise<void> {
  const { signal, filter } = options;
  let database: Database | null = null;
  const news = new NewEvents(() => {
    if (database === null) throw new Error('there is no session');
    return database;
  }, filter);
  const progress: Progress = { hasBegun: false, defect: null };

  for (let failures = 0; !signal.aborted; failures += 1) {
    database = open(options);
    try {
      await runSession(options, { database, news, progress }, () => {
        if (failures > 0) options.onBack();
        failures = 0;
      });
    } catch (error) {
      if (progress.defect !== null) throw progress.defect;
      const failure = toDatabaseError(error, options.url);
      if (signal.aborted) return;
      if (!progress.hasBegun) throw failure;
      if (failures === 0) options.onLost(failure);
    }
    await delay(backoffMs(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}

function open({ url, connectTimeoutMs, queryTimeoutMs }: FollowOptions): Database {
  return openDatabase({ url, name: 'weir events', maxConnections: 1, connectTimeoutMs, queryTimeoutMs });
}

interface Session {
  readonly database: Database;
  readonly news: NewEvents;
  readonly progress: Progress;
}

interface Progress {
  hasBegun: boolean;
  /** What a callback threw, which no other connection mends. */
  defect: unknown;
}

/** From the connection to its loss. Resolves when it is to end, and rejects with what went wrong. */
async function runSession(options: FollowOptions, session: Session, onUp: () => void): Promise<void> {
  const { url, signal, connectTimeoutMs = 5_000, queryTimeoutMs = 10_000 } = options;
  const { database, news, progress } = session;
  const alarm = new Alarm();
  const wake = () => alarm.ring();
  signal.addEventListener('abort', wake);
  const ending = [database.close];
  try {
    await checkSchemaVersion(database);
    const name = 'weir events (listen)';
    ending.push(await listenForEvents({ url, name, connectTimeoutMs, queryTimeoutMs }, alarm));
    if (!progress.hasBegun) {
      const present = await news.begin();
      progress.hasBegun = true;
      await tell(progress, () => options.onPresent(present));
    }
    for (let isUp = false; !signal.aborted; isUp = true) {
      alarm.reset();
      await news.read((events) => tell(progress, () => options.onNew(events)));
      if (!isUp) onUp();
      await alarm.within(POLL_MS);
    }
  } finally {
    signal.removeEventListener('abort', wake);
    // A server that has fallen silent does not answer a goodbye.
    const ended = Promise.allSettled(ending.map((end) => end()));
    await Promise.race([ended, delay(GOODBYE_MS, undefined, { ref: false })]);
  }
}

async function tell(progress: Progress, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    progress.defect = error;
    throw error;
  }
}
