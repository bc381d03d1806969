import { Command } from 'commander';
import { compactCommand } from './compact.ts';
import { rebuildCommand } from './rebuild.ts';

/** `weir projections …`: what is derived from the event log. */
export function projectionsCommand(): Command {
  return new Command('projections')
    .description('Look after the projections: what edges read, derived from the event log.')
    .addCommand(rebuildCommand())
    .addCommand(compactCommand());
}
