import { Command } from 'commander';
import { allocateCommand } from './allocate.ts';
import { listCommand } from './list.ts';
import { poolCommand } from './pool.ts';
import { releaseCommand } from './release.ts';

/** `weir port …`: raw TCP ports and the services that they point at. */
export function portCommand(): Command {
  return new Command('port')
    .description('Bind raw TCP ports to services. Edges open and close them as they run.')
    .addCommand(allocateCommand())
    .addCommand(releaseCommand())
    .addCommand(listCommand())
    .addCommand(poolCommand());
}
