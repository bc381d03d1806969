import { Command } from 'commander';
import { change } from '../control.ts';
import { CHANGE_EXIT_CODES, type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';

interface Options extends ChangeOptions {
  readonly org: string;
  readonly address?: string;
}

/** `weir address allocate`. */
export function allocateCommand(): Command {
  const command = new Command('allocate')
    .summary('give an org an IPv4 address of its own')
    .description(
      'Take an address of the pool for an org: the one that is named, or the lowest that is free. The org binds ports on ' +
        'it with "weir port allocate --address", and the edges list it under "dedicated" of a tcp listener.',
    )
    .requiredOption('--org <org>', 'org (tenant) that gets it')
    .option('--address <address>', 'take this one');
  withChangeOptions(command);
  withNotes(command, {
    examples: ['weir address allocate --org acme', 'weir address allocate --org acme --address 203.0.113.7'],
    exitCodes: CHANGE_EXIT_CODES,
  });
  return command.action(allocateAddress);
}

async function allocateAddress(options: Options): Promise<void> {
  const { org, address } = options;
  await change({
    options,
    command: (control, meta) => control.allocateAddress({ org, address }, meta),
    show: (allocated) => `Allocated ${allocated.address} to ${allocated.org}`,
  });
}
