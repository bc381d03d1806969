import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../model/change.ts';
import type { Revision } from '../model/revision.ts';
import type { RowStore } from './row-store.ts';

type Kind = Change['kind'];

/**
 * Turns a full read of the projections into changes: what differs from the store, and at the end a deletion for each
 * row that the read did not show.
 *
 * A full read is due where the deletions since the store's revision cannot be had any more.
 */
export class FullRead {
  readonly #store: RowStore;
  readonly #seen: Readonly<Record<Kind, Set<string>>> = {
    endpoint: new Set(),
    route: new Set(),
    port: new Set(),
  };

  constructor(store: RowStore) {
    this.#store = store;
  }

  /** Notes a row of the read; true if it is not what the store has. The caller applies it. */
  isNews(row: Change): boolean {
    this.#seen[row.kind].add(row.key);
    const known = this.#store.get(row.kind, row.key);
    if (known === undefined) return row.value !== null;
    return !isDeepStrictEqual(known.value, row.value);
  }

  /** Notes a row that was rejected: it exists, so its value of before stays. */
  keep(kindOf: string, key: string): void {
    for (const kind of ['endpoint', 'route', 'port'] as const) if (kind === kindOf) this.#seen[kind].add(key);
  }

  /** The deletions that the read amounts to, dated with its revision. Lazily: the caller applies them as they come. */
  *deletions(revision: Revision, size: number): Generator<readonly Change[], void, undefined> {
    for (const chunk of this.#store.chunks(size)) {
      const unseen = chunk.filter((row) => !this.#seen[row.kind].has(row.key));
      if (unseen.length > 0) yield unseen.map(({ kind, key }) => ({ kind, key, revision, value: null }));
    }
  }
}
