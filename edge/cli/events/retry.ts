import { Command } from 'commander';
import type { RetriedEventView } from '../../../routing/control/views.ts';
import { ask } from '../control.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { reportFailure } from '../failure.ts';
import { type ControlOptions, withControlOptions, withNotes } from '../options.ts';

interface Options extends ControlOptions {
  readonly all?: boolean;
}

/** `weir events retry`. */
export function retryCommand(): Command {
  const command = new Command('retry')
    .summary('project events that were set aside')
    .description(
      'Project events that were set aside, after what was wrong has been mended. What fails again stays aside. An event with a later one of its stream that is projected already is given up: the later one says what is true now.',
    )
    .argument('[seq...]', 'the numbers of the events, as "weir events failed" shows them')
    .option('--all', 'all that are set aside');
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir events retry 42 43', 'weir events retry --all --json'],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'invalid', 'database-unavailable'],
  });
  return command.action((seqs: readonly string[], options: Options) => {
    const isAll = options.all === true;
    if (isAll === seqs.length > 0) {
      command.error(
        isAll ? 'error: --all and numbers exclude each other' : 'error: name events, or say --all',
        { exitCode: EXIT_CODES.usage },
      );
    }
    return retry(isAll ? 'all' : seqs, options);
  });
}

async function retry(seqs: readonly string[] | 'all', options: Options): Promise<void> {
  let failed = 0;
  await ask({
    options,
    labels: { seq: 'SEQ' },
    command: async (control) => {
      const retried = await control.retryEvents(seqs);
      if (retried.kind === 'ok') failed = retried.value.filter(({ outcome }) => outcome === 'failed').length;
      return retried;
    },
    show: (events) => (events.length === 0 ? 'No event is set aside.' : events.map(retriedText).join('\n')),
  });
  if (failed === 0) return;
  const message = `${failed} ${failed === 1 ? 'event' : 'events'} could not be projected and stand aside`;
  process.exitCode = reportFailure({ code: 'failed', message }, options.json === true);
}

function retriedText(event: RetriedEventView): string {
  const name = `${event.seq} ${event.stream}`;
  switch (event.outcome) {
    case 'projected':
      return `${name} is projected, revision ${event.revision}`;
    case 'superseded':
      return `${name} is given up: superseded by event ${event.supersededBy}`;
    case 'failed':
      return `${name} failed again: ${event.error}`;
    default:
      return event satisfies never;
  }
}
