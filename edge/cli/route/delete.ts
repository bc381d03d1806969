import { Command } from 'commander';
import { ALPN_HELP, ALPN_OPTION } from '../alpn-option.ts';
import { change } from '../control.ts';
import { type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';
import { routeText } from './route-text.ts';

interface Options extends ChangeOptions {
  readonly listener: string;
  readonly alpn?: string;
}

/** `weir route delete`. */
export function deleteCommand(): Command {
  const command = new Command('delete')
    .summary('unbind a hostname')
    .description(
      'Delete a route. New connections are refused from then on, running ones go on. A name below a platform domain is ' +
        'given up with the last route in it, and kept from other orgs for the cool-down (see "weir policy show").',
    )
    .argument('<hostname>', 'the route, as it was created')
    .option('--listener <kind>', "the route's listener: tls or http", 'tls')
    .option(ALPN_OPTION, ALPN_HELP);
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir route delete www.example.com',
      'weir route delete www.example.com --listener http',
      'weir route delete www.example.com --alpn acme-tls/1',
    ],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'invalid', 'database-unavailable'],
  });
  return command.action(deleteRoute);
}

async function deleteRoute(hostname: string, options: Options): Promise<void> {
  const { listener, alpn } = options;
  await change({
    options,
    labels: { hostname: 'HOSTNAME' },
    command: (control, meta) => control.deleteRoute({ hostname, listener, alpn }, meta),
    show: (route) => `Deleted ${routeText(route)}`,
  });
}
