import { Command } from 'commander';
import { createCommand } from './create.ts';
import { deleteCommand } from './delete.ts';
import { listCommand } from './list.ts';
import { showCommand } from './show.ts';
import { splitCommand } from './split.ts';
import { updateCommand } from './update.ts';

/** `weir route …`: hostnames and the services that they point at. */
export function routeCommand(): Command {
  return new Command('route')
    .description('Bind hostnames to services. A change is live on every edge within milliseconds.')
    .addCommand(createCommand())
    .addCommand(updateCommand())
    .addCommand(splitCommand())
    .addCommand(deleteCommand())
    .addCommand(listCommand())
    .addCommand(showCommand());
}
