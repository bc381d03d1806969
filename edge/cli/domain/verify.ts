import { Command } from 'commander';
import {
  createTxtLookup,
  LOOKUP_PATIENCE,
  parseResolvers,
} from '../../../routing/control/ownership/txt-lookup.ts';
import { change } from '../control.ts';
import { type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';
import { holdingText } from './domain-text.ts';

interface Options extends ChangeOptions {
  readonly org: string;
  readonly resolver?: string;
}

/** `weir domain verify`. */
export function verifyCommand(): Command {
  const command = new Command('verify')
    .summary('prove a claim by its record in the DNS')
    .description(
      'Look up the TXT record that "weir domain claim" asked for. Where it is there, the org holds the domain from ' +
        'then on, and the record may go. DNS servers may remember for a few minutes that there was none.',
    )
    .argument('<domain>', 'the domain, as it was claimed')
    .requiredOption('--org <org>', 'org (tenant) that claimed it')
    .option(
      '--resolver <addresses>',
      'DNS servers to ask, with commas between them (default: WEIR_RESOLVER, or those of the system)',
    );
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir domain verify example.com --org acme',
      "weir domain verify example.com --org acme --resolver '1.1.1.1,[2606:4700:4700::1111]:53'",
    ],
    exitCodes: [
      'ok',
      'failed',
      'usage',
      'not-found',
      'conflict',
      'invalid',
      'database-unavailable',
      'not-allowed',
    ],
  });
  return command.action(verifyDomain);
}

async function verifyDomain(domain: string, options: Options): Promise<void> {
  const { org } = options;
  // An empty variable is as good as none: that is what unset ones become in compose files.
  const resolver = options.resolver ?? (process.env['WEIR_RESOLVER'] || undefined);
  const servers = resolver === undefined ? ({ kind: 'ok', value: null } as const) : parseResolvers(resolver);
  await change({
    options,
    labels: {
      domain: 'DOMAIN',
      resolver: options.resolver === undefined ? 'WEIR_RESOLVER' : '--resolver',
    },
    ...(servers.kind === 'ok' && {
      lookUpTxt: createTxtLookup({ servers: servers.value, ...LOOKUP_PATIENCE }),
    }),
    command: async (control, meta) =>
      servers.kind === 'ok'
        ? control.verifyDomain({ domain, org }, meta)
        : { kind: 'invalid', problems: [{ field: 'resolver', problem: servers.problem }] },
    show: holdingText,
  });
}
