import { Command } from 'commander';
import { answered, ask } from '../control.ts';
import { type ControlOptions, QUESTION_EXIT_CODES, withControlOptions, withNotes } from '../options.ts';
import { failedTable } from './event-text.ts';

/** `weir events failed`. */
export function failedCommand(): Command {
  const command = new Command('failed')
    .summary('list the events that could not be projected')
    .description(
      'List the events that were recorded and could not be projected, with the reason. They were set aside: edges do not know what they say, and nothing waits for them.',
    );
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir events failed', "weir events failed --json | jq -r '.[].error'"],
    exitCodes: QUESTION_EXIT_CODES,
  });
  return command.action(listFailed);
}

async function listFailed(options: ControlOptions): Promise<void> {
  await ask({
    options,
    command: async (control) => answered(await control.listFailedEvents()),
    show: (events) => (events.length === 0 ? 'No event is set aside.' : failedTable(events)),
  });
}
