import { once } from 'node:events';
import type { EventList, EventView } from '../../../routing/control/views.ts';
import { databaseFailures, refusal } from '../control.ts';
import { findDatabase } from '../database-url.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { type Failure, reportFailure } from '../failure.ts';
import type { ControlOptions } from '../options.ts';
import { StopSignal } from '../stop-signal.ts';
import { eventLine } from './event-text.ts';

/** What `weir events` takes. */
export interface EventOptions extends ControlOptions {
  readonly follow?: boolean;
  readonly route?: string;
  readonly org?: string;
  readonly stream?: string;
  readonly since?: string;
  readonly limit?: string;
}

/** Prints what is there, then new events as they come, one line each, until it is told to stop. */
export async function follow(options: EventOptions): Promise<void> {
  const isJson = options.json === true;
  const failure = await followOrFail(options, isJson);
  if (failure !== null) process.exitCode = reportFailure(failure, isJson);
}

async function followOrFail(options: EventOptions, isJson: boolean): Promise<Failure | null> {
  const { parseEventFilter } = await import('../../../routing/control/queries/event-filter.ts');
  const filter = parseEventFilter(options);
  if (filter.kind === 'invalid') return refusal(filter);
  const database = await findDatabase({ role: 'control', options, env: process.env });
  if (database.kind === 'failed') return database.failure;

  const { followEvents } = await import('../../../routing/control/events/follow-events.ts');
  const stop = new AbortController();
  const told = new StopSignal();
  told.asked.then(() => stop.abort());
  // A server that has fallen silent holds up the end until the statement's limit.
  told.onSecond(() => process.exit(EXIT_CODES.ok));
  const followed = await databaseFailures(() =>
    followEvents({
      url: database.url,
      filter: filter.value,
      signal: stop.signal,
      async onPresent({ events, hasEarlier }: EventList) {
        if (hasEarlier) note(`the last ${events.length} that match, and new ones; --limit shows more`);
        await printEvents(events, isJson);
      },
      onNew: (events) => printEvents(events, isJson),
      onLost: ({ message }) => note(`${message}; it is tried again, and no event is lost`),
      onBack: () => note('the database is back'),
    }),
  );
  return followed === undefined ? null : followed.failure;

  function note(text: string): void {
    process.stderr.write(isJson ? `${JSON.stringify({ note: text })}\n` : `weir: ${text}\n`);
  }
}

/** Whoever reads slowly is waited for. */
async function printEvents(events: readonly EventView[], isJson: boolean): Promise<void> {
  if (events.length === 0) return;
  const lines = events.map((event) => (isJson ? JSON.stringify(event) : eventLine(event)));
  if (!process.stdout.write(`${lines.join('\n')}\n`)) await once(process.stdout, 'drain');
}
