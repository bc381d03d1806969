import { Command } from 'commander';
import type { AddressView } from '../../../routing/control/views.ts';
import { answered, ask } from '../control.ts';
import { type ControlOptions, QUESTION_EXIT_CODES, withControlOptions, withNotes } from '../options.ts';
import { table } from '../output.ts';

interface Options extends ControlOptions {
  readonly org?: string;
}

/** `weir address list`. */
export function listCommand(): Command {
  const command = new Command('list')
    .summary('list dedicated addresses')
    .description('List the addresses that are allocated, with the orgs that have them.')
    .option('--org <org>', 'only those of this org');
  withControlOptions(command);
  withNotes(command, { examples: ['weir address list --org acme'], exitCodes: QUESTION_EXIT_CODES });
  return command.action(listAddresses);
}

async function listAddresses(options: Options): Promise<void> {
  await ask({
    options,
    command: async (control) => answered(await control.listAddresses({ org: options.org })),
    show: showAddresses,
  });
}

function showAddresses(addresses: readonly AddressView[]): string {
  if (addresses.length === 0) {
    return 'No addresses are allocated. "weir address allocate --help" shows how to take one.';
  }
  return table(addresses, [
    ['ADDRESS', (each) => each.address],
    ['ORG', (each) => each.org],
    ['REVISION', (each) => each.revision],
    ['UPDATED', (each) => each.updatedAt],
  ]);
}
