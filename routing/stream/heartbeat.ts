import type { ClientBase } from 'pg';
import type { Logger } from 'pino';
import { toDatabaseError } from '../control/database-error.ts';
import type { Revision } from '../model/revision.ts';

/** What an edge tells of itself, so that what should run and what runs can be compared. */
export interface NodeReport {
  /** The node's name: one row each. */
  readonly node: string;
  /** What its workers have applied. */
  readonly revision: Revision;
  /** Any JSON arrays. */
  readonly listeners: readonly unknown[];
  readonly errors: readonly unknown[];
  /** Where clients reach it. */
  readonly publicAddresses: readonly string[];
  readonly startedAt: Date;
}

/** Between two reports, at least: a storm of changes must not become a storm of writes. */
const MIN_GAP_MS = 250;

/** Decides when a report is due and sends it. A report that cannot be sent is logged once and costs nothing else. */
export class Heartbeat {
  readonly #describe: () => NodeReport;
  readonly #intervalMs: number;
  readonly #log: Logger;
  #sentAt = Number.NEGATIVE_INFINITY;
  #sentRevision: Revision | null = null;
  #isFailing = false;

  constructor(describe: () => NodeReport, intervalMs: number, log: Logger) {
    this.#describe = describe;
    this.#intervalMs = intervalMs;
    this.#log = log;
  }

  /** Milliseconds until the next report; 0 or less means now. `isAsked` if somebody has news for it. */
  dueInMs(isAsked: boolean): number {
    const isNews = isAsked || this.#describe().revision !== this.#sentRevision;
    return this.#sentAt + (isNews ? MIN_GAP_MS : this.#intervalMs) - performance.now();
  }

  /** Never rejects. */
  async send(database: ClientBase): Promise<void> {
    const { node, revision, listeners, errors, publicAddresses, startedAt } = this.#describe();
    this.#sentAt = performance.now();
    this.#sentRevision = revision;
    try {
      await database.query(UPSERT, [
        node,
        revision,
        JSON.stringify(listeners),
        JSON.stringify(errors),
        JSON.stringify(publicAddresses),
        startedAt,
      ]);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        this.#log.warn(
          { code: toDatabaseError(error).code },
          `heartbeat failed: ${toDatabaseError(error).message}`,
        );
      }
      this.#isFailing = true;
    }
  }
}

const UPSERT = `
  insert into weir.nodes (node, revision, listeners, errors, public_addresses, started_at, reported_at)
  values ($1, $2, $3, $4, $5, $6, clock_timestamp())
  on conflict (node) do update set
    revision = excluded.revision, listeners = excluded.listeners, errors = excluded.errors,
    public_addresses = excluded.public_addresses, started_at = excluded.started_at,
    reported_at = excluded.reported_at`;
