import type { Change } from '../model/change.ts';
import { NO_REVISION, type Revision } from '../model/revision.ts';

type Kind = Change['kind'];

/** The order in which rows are handed out: endpoints before what points at them, so that a route is never first seen empty. */
const KINDS: readonly Kind[] = ['endpoint', 'route', 'port'];

/**
 * The primary's copy of the projections: the latest good row of each key, and the revision that they amount to.
 *
 * Deletions are forgotten here; whoever needs them gets them as they pass.
 */
export class RowStore {
  readonly #rows: Readonly<Record<Kind, Map<string, Change>>> = {
    endpoint: new Map(),
    route: new Map(),
    port: new Map(),
  };
  #revision: Revision = NO_REVISION;
  #history: string | null = null;

  /** Every change up to here is in. Rows may be newer while a page or a full read is on its way. */
  get revision(): Revision {
    return this.#revision;
  }

  /** The database's line of revisions that `revision` is one of; null before anything is known. */
  get history(): string | null {
    return this.#history;
  }

  get size(): number {
    return KINDS.reduce((sum, kind) => sum + this.#rows[kind].size, 0);
  }

  get(kind: Kind, key: string): Change | undefined {
    return this.#rows[kind].get(key);
  }

  apply(change: Change): void {
    if (change.value === null) this.#rows[change.kind].delete(change.key);
    else this.#rows[change.kind].set(change.key, change);
  }

  settle(revision: Revision): void {
    this.#revision = revision;
  }

  /** Says whose revisions they are. */
  follow(history: string | null): void {
    this.#history = history;
  }

  /**
   * Hands out all rows in arrays of `size`, one at a time, while changes go on being applied.
   *
   * Each row that is there from the first to the last chunk comes at least once. A row that changes meanwhile may come
   * before or after its change: whoever also gets every change from the first chunk on, in order, ends up right.
   */
  *chunks(size: number): Generator<readonly Change[], void, undefined> {
    let chunk: Change[] = [];
    for (const kind of KINDS) {
      for (const row of this.#rows[kind].values()) {
        chunk.push(row);
        if (chunk.length < size) continue;
        yield chunk;
        chunk = [];
      }
    }
    if (chunk.length > 0) yield chunk;
  }
}
