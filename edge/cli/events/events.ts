import { Command } from 'commander';
import { ask } from '../control.ts';
import { withControlOptions, withNotes } from '../options.ts';
import { eventTable } from './event-text.ts';
import { failedCommand } from './failed.ts';
import { type EventOptions, follow } from './follow.ts';
import { retryCommand } from './retry.ts';

/** `weir events`, with what is to be done with the events that stand aside below it. */
export function eventsCommand(): Command {
  const command = new Command('events')
    .description(
      'List what was recorded, oldest first: the last events that match. They are never changed or removed.',
    )
    .option('-f, --follow', 'go on with new events as they are committed, until Ctrl-C')
    .option('--route <hostname>', 'only those of the routes of this hostname')
    .option('--org <org>', 'only those of the services of this org')
    .option('--stream <stream>', 'only those of this stream, like port/20000')
    .option(
      '--since <when>',
      'only from this time on, this long ago on, or this event on: 2026-05-01T09:30:00Z, 2h, 42',
    )
    .option('--limit <n>', 'at most so many, the last ones (with --follow: to begin with)', '50')
    .enablePositionalOptions();
  withControlOptions(command);
  withNotes(command, {
    examples: [
      'weir events --since 2h --org acme',
      'weir events --route www.example.com --limit 1000',
      "weir events --follow --json | jq -c '[.seq, .summary]'",
      'weir events failed',
      'weir events retry --all',
    ],
    exitCodes: ['ok', 'failed', 'usage', 'invalid', 'database-unavailable'],
  });
  return command
    .addCommand(failedCommand())
    .addCommand(retryCommand())
    .action((options: EventOptions) => (options.follow === true ? follow(options) : list(options)));
}

async function list(options: EventOptions): Promise<void> {
  const { route, org, stream, since, limit } = options;
  await ask({
    options,
    command: async (control) => {
      const found = await control.listEvents({ route, org, stream, since, limit });
      if (found.kind !== 'ok') return found;
      const { events, hasEarlier } = found.value;
      if (hasEarlier && options.json !== true) {
        process.stderr.write(`The last ${events.length} that match; --limit shows more.\n`);
      }
      return { ...found, value: events };
    },
    show: (events) => (events.length === 0 ? 'No events match.' : eventTable(events)),
  });
}
