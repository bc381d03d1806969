import { setTimeout as delay } from 'node:timers/promises';
import { parseRouteInput } from '../../routing/control/commands/parse-input.ts';
import { type Database, openDatabase } from '../../routing/control/database.ts';
import type { ControlEvent } from '../../routing/control/events/event.ts';
import { appendEvent } from '../../routing/control/events/event-log.ts';

/** How much is offered. */
export interface EventLoad {
  /** Events per second, by all writers together. */
  readonly rate: number;
  readonly seconds: number;
  /** Each has a connection of its own. */
  readonly writers: number;
  /** Events in one transaction. */
  readonly batch: number;
}

/** An event, and when its commit was answered, by `performance.now()`. */
export interface Commit {
  readonly seq: number;
  readonly at: number;
}

const STREAMS_PER_WRITER = 500;

/** Opens the writers' connections; the caller closes them. */
export async function openWriters(url: string, count: number): Promise<readonly Database[]> {
  const writers = Array.from({ length: count }, () =>
    openDatabase({ url, name: 'weir bench (writer)', maxConnections: 1 }),
  );
  await Promise.all(writers.map((writer) => writer.query('select')));
  return writers;
}

/**
 * Appends through the event log at a steady rate. A writer that falls behind goes on without a pause until it has caught
 * up, so the load is what was offered and not what was answered.
 */
export async function appendAtRate(
  writers: readonly Database[],
  load: EventLoad,
): Promise<readonly Commit[]> {
  const begun = performance.now();
  const commits = await Promise.all(
    writers.map((database, writer) => writeAtRate(database, { ...load, writer, begun })),
  );
  return commits.flat();
}

async function writeAtRate(
  database: Database,
  { rate, seconds, writers, batch, writer, begun }: EventLoad & { writer: number; begun: number },
): Promise<readonly Commit[]> {
  const commits: Commit[] = [];
  const intervalMs = (1000 * writers * batch) / rate;
  const transactions = Math.floor((seconds * 1000) / intervalMs);
  for (let index = 0; index < transactions; index += 1) {
    // Not all writers in the same moment.
    const waitMs = begun + (index + writer / writers) * intervalMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
    const numbers = Array.from({ length: batch }, (_, offset) => index * batch + offset);
    const seqs = await database.transaction(async (transaction) => {
      const appended: number[] = [];
      for (const number of numbers) {
        const { event, afterVersion } = eventOf(writer, number);
        const origin = { actor: 'bench', reason: null, idempotencyKey: null };
        const recorded = await appendEvent(transaction, { event, afterVersion, origin });
        if (recorded === null) throw new Error('another writer uses the same stream');
        appended.push(recorded.seq);
      }
      return { end: 'commit', value: appended };
    });
    const at = performance.now();
    for (const seq of seqs) commits.push({ seq, at });
  }
  return commits;
}

/** The writer's n-th: each of its routes is created, and then updated over and over. */
function eventOf(writer: number, number: number): { event: ControlEvent; afterVersion: number } {
  const route = parseRouteInput({
    hostname: `r${number % STREAMS_PER_WRITER}.w${writer}.example.com`,
    org: 'acme',
    app: 'shop',
    env: 'production',
    process: `p${writer}`,
    backendPort: 1 + (number % 60_000),
  });
  if (route.kind === 'invalid') throw new Error('the benchmark makes a route that is not valid');
  const afterVersion = Math.floor(number / STREAMS_PER_WRITER);
  return {
    event: { type: afterVersion === 0 ? 'route.created' : 'route.updated', payload: route.value },
    afterVersion,
  };
}
