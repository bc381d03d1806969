import type { ClientBase } from 'pg';
import type { Logger } from 'pino';
import { DatabaseError } from '../control/database-error.ts';
import type { Change } from '../model/change.ts';
import { NO_REVISION, type Revision } from '../model/revision.ts';
import { decodeChange, type RejectedRow } from './decode-change.ts';
import { FullRead } from './full-read.ts';
import { type Head, type Page, readEverything, readPage } from './projection-reader.ts';
import type { RowStore } from './row-store.ts';

/** What a pass brings to light. Both are called between two pages, so a page is seen as a whole or not at all. */
export interface CatchUpEvents {
  /**
   * The changes of one page, in order, already applied to the store, and the revision that the store is at now: during a
   * full read still that of before, then the new one. May come without changes, when only the revision has moved.
   */
  onChanges(changes: readonly Change[], revision: Revision): void;
  onRejected(rows: readonly RejectedRow[]): void;
}

/** Compactions can make a full read outdated at once, but not for ever. */
const MAX_FULL_READS = 3;
const CONTRADICTION =
  'weir.head contradicts weir.changes: a full read does not lead to a revision to go on from';

const MAX_LOGGED_ROWS = 10;

/** Brings a store to what the database says, by deltas where they can be had and by a full read where not. */
export class CatchUp {
  readonly #rejected = new Map<string, RejectedRow>();
  readonly #store: RowStore;
  readonly #events: CatchUpEvents;
  readonly #pageRows: number;
  readonly #log: Logger;

  constructor(
    store: RowStore,
    events: CatchUpEvents,
    options: { readonly pageRows: number; readonly log: Logger },
  ) {
    this.#store = store;
    this.#events = events;
    this.#pageRows = options.pageRows;
    this.#log = options.log;
  }

  /** The rows that are wrong now, as far as they were read. */
  get rejected(): Iterable<RejectedRow> {
    return this.#rejected.values();
  }

  /** Reads until nothing is left. Rejects where a read fails; what was applied until then stays, and the next pass goes on. */
  async run(database: ClientBase): Promise<void> {
    let fullReads = 0;
    for (;;) {
      const mine = this.#store.revision;
      const { head, ...page } = await readPage(database, mine, this.#pageRows);
      const isOtherHistory = this.#isOther(head);
      this.#store.follow(head.history);
      const isLost = mine === NO_REVISION && this.#store.size > 0;
      if (isOtherHistory || isLost || head.compactedTo > mine) {
        if (fullReads === MAX_FULL_READS) throw new DatabaseError('query', CONTRADICTION);
        fullReads += 1;
        if (isOtherHistory) this.#forgetRevision(head.revision);
        await this.#readAll(database);
        continue;
      }
      this.#take(this.#decode(page).changes, page.readTo ?? head.revision);
      if (page.readTo === null) return;
    }
  }

  /** A database that is behind was restored from a backup; one of another history never was what the rows here are of. */
  #isOther(head: Head): boolean {
    const { history, revision, size } = this.#store;
    return head.revision < revision || (size > 0 && history !== null && history !== head.history);
  }

  /**
   * The rows here are of a history that the database no longer has, so they have no revision in its terms. Without this,
   * a failure in the middle of the full read, followed by some new changes, would look like one history.
   */
  #forgetRevision(found: Revision): void {
    this.#log.warn(
      { revision: this.#store.revision, databaseRevision: found },
      'the database is another one than before, or was restored to an earlier state; everything is read anew',
    );
    this.#store.settle(NO_REVISION);
  }

  async #readAll(database: ClientBase): Promise<void> {
    const full = new FullRead(this.#store);
    this.#rejected.clear();
    const pages = readEverything(database, this.#pageRows);
    for (;;) {
      const next = await pages.next();
      if (next.done === true) {
        const { revision } = next.value;
        for (const deletions of full.deletions(revision, this.#pageRows))
          this.#take(deletions, this.#store.revision);
        this.#take([], revision);
        return;
      }
      const { changes, rejected } = this.#decode(next.value);
      for (const row of rejected) full.keep(row.kindOf, row.key);
      this.#take(
        changes.filter((change) => full.isNews(change)),
        this.#store.revision,
      );
    }
  }

  #decode(page: Page): { readonly changes: readonly Change[]; readonly rejected: readonly RejectedRow[] } {
    const changes: Change[] = [];
    const rejected: RejectedRow[] = [];
    for (const row of page.rows) {
      const decoded = decodeChange(row);
      if (decoded.kind === 'ok') {
        changes.push(decoded.change);
        if (this.#rejected.size > 0) this.#rejected.delete(nameOf(decoded.change.kind, decoded.change.key));
      } else {
        rejected.push(decoded);
        this.#rejected.set(nameOf(decoded.kindOf, decoded.key), decoded);
      }
    }
    if (rejected.length > 0) this.#reject(rejected);
    return { changes, rejected };
  }

  #reject(rows: readonly RejectedRow[]): void {
    this.#log.warn(
      { count: rows.length, rows: rows.slice(0, MAX_LOGGED_ROWS) },
      'rows that cannot be used were left out; what they were before stays',
    );
    this.#events.onRejected(rows);
  }

  #take(changes: readonly Change[], revision: Revision): void {
    if (changes.length === 0 && revision === this.#store.revision) return;
    for (const change of changes) this.#store.apply(change);
    this.#store.settle(revision);
    this.#events.onChanges(changes, revision);
  }
}

function nameOf(kind: string, key: string): string {
  return `${kind} ${key}`;
}
