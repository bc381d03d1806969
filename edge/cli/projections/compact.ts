import { Command } from 'commander';
import { parseDuration } from '../../../config/duration.ts';
import type { Parsed } from '../../../config/parsed.ts';
import { reportFailure } from '../failure.ts';
import { type ControlOptions, withControlOptions, withNotes } from '../options.ts';
import { print, printJson } from '../output.ts';
import { maintain } from './maintain.ts';

interface Options extends ControlOptions {
  readonly olderThan: string;
}

/** Ten years, which PostgreSQL can take from any date that it can have. */
const MAX_AGE_MS = 87_600 * 3_600_000;

/** `weir projections compact`. */
export function compactCommand(): Command {
  const command = new Command('compact')
    .summary('remove old tombstones')
    .description(
      'Remove the tombstones of what was deleted longer ago than --older-than. Edges that are up to date do not notice; one that was away for longer reads everything anew. A running projector does this once an hour.',
    )
    .option('--older-than <age>', 'how long a tombstone is kept: 250ms, 5s, 10m, 24h; 0 keeps none', '24h');
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir projections compact', 'weir projections compact --older-than 168h --json'],
    exitCodes: ['ok', 'failed', 'usage', 'invalid', 'database-unavailable'],
  });
  return command.action(compact);
}

async function compact(options: Options): Promise<void> {
  const isJson = options.json === true;
  const age = parseAge(options.olderThan);
  if (age.kind === 'invalid') {
    const problems = [{ field: 'olderThan', label: '--older-than', problem: age.problem }];
    process.exitCode = reportFailure({ code: 'invalid', message: 'a value is not valid', problems }, isJson);
    return;
  }
  const { compactTombstones } = await import('../../../routing/control/projection/compact.ts');
  const result = await maintain(options, (database) => compactTombstones(database, age.value));
  if (result === null) return;
  const { removed, compactedTo } = result;
  if (isJson) printJson(result);
  else if (removed === 0) print('No tombstone is that old.');
  else
    print(`Removed ${removed} ${removed === 1 ? 'tombstone' : 'tombstones'}, up to revision ${compactedTo}.`);
}

function parseAge(text: string): Parsed<number> {
  const age = parseDuration(text);
  if (age.kind === 'ok' && age.value > MAX_AGE_MS)
    return { kind: 'invalid', problem: 'must not be above 87600h' };
  return age;
}
