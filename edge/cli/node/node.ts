import { Command } from 'commander';
import { listCommand } from './list.ts';

/** `weir node …`: the edges. */
export function nodeCommand(): Command {
  return new Command('node')
    .description('See the edges that report to this database.')
    .addCommand(listCommand());
}
