import { Command } from 'commander';
import type { PortView } from '../../../routing/control/views.ts';
import { servicesText } from '../backends-text.ts';
import { answered, ask } from '../control.ts';
import { type ControlOptions, QUESTION_EXIT_CODES, withControlOptions, withNotes } from '../options.ts';
import { table } from '../output.ts';

interface Options extends ControlOptions {
  readonly org?: string;
  readonly address?: string;
}

/** `weir port list`. */
export function listCommand(): Command {
  const command = new Command('list')
    .summary('list allocated ports')
    .description('List the ports that are allocated.')
    .option('--org <org>', 'only those of this org')
    .option('--address <ip>', 'only those of this dedicated address');
  withControlOptions(command);
  withNotes(command, { examples: ['weir port list --org acme'], exitCodes: QUESTION_EXIT_CODES });
  return command.action(listPorts);
}

async function listPorts(options: Options): Promise<void> {
  await ask({
    options,
    command: async (control) =>
      answered(await control.listPorts({ org: options.org, address: options.address })),
    show: showPorts,
  });
}

function showPorts(ports: readonly PortView[]): string {
  if (ports.length === 0) return 'No ports are allocated. "weir port allocate --help" shows how to take one.';
  return table(ports, [
    ['PORT', (port) => port.port],
    ['ADDRESS', (port) => port.address ?? 'shared'],
    ['SERVICE', servicesText],
    ['BACKEND PORT', (port) => port.backendPort],
    ['PROXY', (port) => port.proxyProtocol],
    ['REVISION', (port) => port.revision],
    ['UPDATED', (port) => port.updatedAt],
  ]);
}
