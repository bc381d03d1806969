import { Command } from 'commander';
import type { Rebuild } from '../../../routing/control/projection/rebuild.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { type ControlOptions, QUESTION_EXIT_CODES, withControlOptions, withNotes } from '../options.ts';
import { print, printJson, table } from '../output.ts';
import { maintain } from './maintain.ts';

interface Options extends ControlOptions {
  readonly dryRun?: boolean;
}

/** As many differences as a person reads. */
const MAX_SHOWN = 20;

/** `weir projections rebuild`. */
export function rebuildCommand(): Command {
  const command = new Command('rebuild')
    .summary('build them anew from the event log and repair what differs')
    .description(
      'Build the projections anew from the event log, beside those that are served, compare row by row, and repair the rows that differ. Edges serve on and take each repair as an ordinary change; rows that are right are not touched. With --dry-run nothing is changed, and differences end with 1.',
    )
    .option('--dry-run', 'compare and report only');
  withControlOptions(command);
  withNotes(command, {
    examples: [
      'weir projections rebuild --dry-run',
      'weir projections rebuild',
      "weir projections rebuild --dry-run --json | jq '.differences[].key'",
    ],
    exitCodes: QUESTION_EXIT_CODES,
  });
  return command.action(rebuild);
}

async function rebuild(options: Options): Promise<void> {
  const isDryRun = options.dryRun === true;
  const { rebuildProjections } = await import('../../../routing/control/projection/rebuild.ts');
  const result = await maintain(options, (database) => rebuildProjections(database, { isDryRun }));
  if (result === null) return;
  if (options.json === true) printJson(result);
  else print(report(result));
  if (result.differing > 0 && !result.isRepaired) process.exitCode = EXIT_CODES.failed;
}

function report(result: Rebuild): string {
  const { events, setAside, differing, differences, isRepaired, revision } = result;
  const lines = [`Built from ${counted(events, 'event')}, at revision ${revision}.`];
  if (setAside > 0) lines.push(`${counted(setAside, 'event')} set aside: see weir.failed_events.`);
  if (differing === 0) return [...lines, 'Nothing differs.'].join('\n');

  const shown = differences.slice(0, MAX_SHOWN);
  lines.push(`${counted(differing, 'row')} ${isRepaired ? 'differed, now repaired' : 'to repair'}:`);
  lines.push(
    table(shown, [
      ['PROJECTION', (row) => row.projection],
      ['KEY', (row) => row.key],
      ['IS', (row) => row.kind],
      ['COLUMNS', (row) => row.columns.join(', ')],
    ]),
  );
  if (differing > shown.length) lines.push(`and ${differing - shown.length} more; --json lists up to 1000`);
  return lines.join('\n');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
