import { once } from 'node:events';
import pg from 'pg';
import type { Commit } from './append-events.ts';

interface Sighting {
  readonly revision: number;
  readonly at: number;
}

/** Notes when which revision became visible, as an edge hears of it. */
export class ProjectionWatch {
  readonly #client: pg.Client;
  readonly #sightings: Sighting[] = [];

  private constructor(client: pg.Client) {
    this.#client = client;
    client.on('notification', ({ payload }) =>
      this.#sightings.push({ revision: Number(payload), at: performance.now() }),
    );
  }

  /** Whoever opens it closes it. */
  static async open(url: string): Promise<ProjectionWatch> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const watch = new ProjectionWatch(client);
    await client.query('listen weir_revision');
    return watch;
  }

  /** How long after its commit was answered each event was visible, in milliseconds, not below 0. Waits for the last. */
  async lags(
    commits: readonly Commit[],
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<readonly number[]> {
    const signal = AbortSignal.timeout(timeoutMs);
    while ((this.#sightings.at(-1)?.revision ?? 0) < commits.length)
      await once(this.#client, 'notification', { signal });
    const { rows } = await this.#client.query<{ seq: string; revision: string }>(
      'select seq, revision from weir.projected_events',
    );
    const revisions = new Map(rows.map(({ seq, revision }) => [Number(seq), Number(revision)]));
    return commits.map(({ seq, at }) => Math.max(0, this.#seenAt(revisions.get(seq) ?? 0) - at));
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  /** Sightings are in the order of their revisions, so the first that is not below is found by halving. */
  #seenAt(revision: number): number {
    let low = 0;
    let high = this.#sightings.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sightings[middle]?.revision ?? 0) < revision) low = middle + 1;
      else high = middle;
    }
    return this.#sightings[low]?.at ?? Number.NaN;
  }
}
