import { Command } from 'commander';
import { change } from '../control.ts';
import { CHANGE_EXIT_CODES, type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';

/** `weir port pool`. */
export function poolCommand(): Command {
  const command = new Command('pool')
    .summary('say which ports can be allocated')
    .description('Define the ports that can be allocated: those that the tcp listeners of the edges cover.')
    .argument('<first-last>', 'the first and the last of them, as in 20000-20099');
  withChangeOptions(command);
  withNotes(command, { examples: ['weir port pool 20000-20099'], exitCodes: CHANGE_EXIT_CODES });
  return command.action(definePool);
}

async function definePool(range: string, options: ChangeOptions): Promise<void> {
  // A single port is a range of one; anything else that is not a range has a part that the control plane refuses.
  const [first = '', last = first] = range.split(/-(.*)/, 2);
  await change({
    options,
    labels: { first: 'FIRST', last: 'LAST' },
    command: (control, meta) => control.definePortPool({ first, last }, meta),
    show: (pool) => `Ports ${pool.first} to ${pool.last} can be allocated`,
  });
}
