import type { Database } from '../database.ts';
import { toDatabaseError } from '../database-error.ts';
import type { Log } from '../log.ts';
import { compactTombstones } from './compact.ts';

/** An edge that was away for less than this catches up by deltas. */
const KEEP_TOMBSTONES_MS = 86_400_000;

/** Removes old tombstones now and then, whatever becomes of connections meanwhile. */
export class Compactor {
  readonly #everyMs: number;
  readonly #log: Log;
  #dueAt = 0;

  /** The first time is at once. */
  constructor(everyMs: number, log: Log) {
    this.#everyMs = everyMs;
    this.#log = log;
  }

  /** A compaction that fails is no reason to stop projecting: it is logged, and waits for its next turn. */
  async compactWhenDue(database: Database, signal: AbortSignal): Promise<void> {
    if (performance.now() < this.#dueAt) return;
    this.#dueAt = performance.now() + this.#everyMs;
    try {
      const { removed, compactedTo } = await compactTombstones(database, KEEP_TOMBSTONES_MS);
      if (removed > 0) this.#log.info({ removed, compactedTo }, 'old tombstones were removed');
    } catch (error) {
      // Whoever ends the projector may end its database with it.
      if (signal.aborted) return;
      const { code, message } = toDatabaseError(error);
      this.#log.warn({ code }, `old tombstones could not be removed: ${message}`);
    }
  }
}
