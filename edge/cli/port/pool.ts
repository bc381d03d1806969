import { Command } from 'commander';
import { answered, ask, change } from '../control.ts';
import { CHANGE_EXIT_CODES, type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';

/** `weir port pool`. */
export function poolCommand(): Command {
  const command = new Command('pool')
    .summary('say or show which ports can be allocated')
    .description(
      'Define the ports that can be allocated: those that the tcp listeners of the edges cover. Without a range: show them.',
    )
    .argument('[first-last]', 'the first and the last of them, as in 20000-20099');
  withChangeOptions(command);
  withNotes(command, {
    examples: ['weir port pool 20000-20099', 'weir port pool'],
    exitCodes: CHANGE_EXIT_CODES,
  });
  return command.action(definePool);
}

async function definePool(range: string | undefined, options: ChangeOptions): Promise<void> {
  if (range === undefined) return showPool(options);
  // A single port is a range of one; anything else that is not a range has a part that the control plane refuses.
  const [first = '', last = first] = range.split(/-(.*)/, 2);
  await change({
    options,
    labels: { first: 'FIRST', last: 'LAST' },
    command: (control, meta) => control.definePortPool({ first, last }, meta),
    show: (pool) => `Ports ${pool.first} to ${pool.last} can be allocated`,
  });
}

async function showPool(options: ChangeOptions): Promise<void> {
  await ask({
    options,
    command: async (control) => answered((await control.showPools()).ports),
    show: (pool) =>
      pool === null
        ? 'No pool is defined: every port can be allocated by its number. "weir port pool FIRST-LAST" defines one.'
        : `Ports ${pool.first} to ${pool.last} can be allocated`,
  });
}
