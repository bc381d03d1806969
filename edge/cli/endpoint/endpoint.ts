import { Command } from 'commander';
import { listCommand } from './list.ts';
import { reportCommand } from './report.ts';

/** `weir endpoint …`: the instances of services. */
export function endpointCommand(): Command {
  return new Command('endpoint')
    .description('Report where the instances of services are, and whether they take connections.')
    .addCommand(reportCommand())
    .addCommand(listCommand());
}
