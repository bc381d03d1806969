import { Command } from 'commander';
import { allocateCommand } from './allocate.ts';
import { listCommand } from './list.ts';
import { poolCommand } from './pool.ts';
import { releaseCommand } from './release.ts';

/** `weir address …`: IPv4 addresses that are one org's alone. */
export function addressCommand(): Command {
  return new Command('address')
    .description(
      'Give orgs public IPv4 addresses of their own. On a dedicated address its org can bind every port.',
    )
    .addCommand(allocateCommand())
    .addCommand(releaseCommand())
    .addCommand(listCommand())
    .addCommand(poolCommand());
}
