import { Command } from 'commander';
import { change } from '../control.ts';
import { type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';
import { portText } from './port-text.ts';

/** `weir port release`. */
export function releaseCommand(): Command {
  const command = new Command('release')
    .summary('give a raw TCP port back')
    .description('Give a port back to the pool. Edges stop to listen on it, running connections go on.')
    .argument('<port>', 'the port');
  withChangeOptions(command);
  withNotes(command, {
    examples: ['weir port release 20042'],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'invalid', 'database-unavailable'],
  });
  return command.action(releasePort);
}

async function releasePort(port: string, options: ChangeOptions): Promise<void> {
  await change({
    options,
    labels: { port: 'PORT' },
    command: (control, meta) => control.releasePort({ port }, meta),
    show: (released) => `Released ${portText(released)}`,
  });
}
