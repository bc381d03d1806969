import { Command } from 'commander';
import { change } from '../control.ts';
import { type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';
import { portText } from './port-text.ts';

interface Options extends ChangeOptions {
  readonly address?: string;
}

/** `weir port release`. */
export function releaseCommand(): Command {
  const command = new Command('release')
    .summary('give a raw TCP port back')
    .description('Give a port back to the pool. Edges stop to listen on it, running connections go on.')
    .argument('<port>', 'the port')
    .option('--address <ip>', 'of this dedicated address, instead of those that all orgs share');
  withChangeOptions(command);
  withNotes(command, {
    examples: ['weir port release 20042', 'weir port release 443 --address 203.0.113.7'],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'invalid', 'database-unavailable'],
  });
  return command.action(releasePort);
}

async function releasePort(port: string, options: Options): Promise<void> {
  await change({
    options,
    labels: { port: 'PORT' },
    command: (control, meta) => control.releasePort({ port, address: options.address }, meta),
    show: (released) => `Released ${portText(released)}`,
  });
}
