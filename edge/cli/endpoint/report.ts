import { Command } from 'commander';
import type { EndpointView } from '../../../routing/control/views.ts';
import { change } from '../control.ts';
import {
  type ChangeOptions,
  type ServiceOptions,
  withChangeOptions,
  withNotes,
  withServiceOptions,
} from '../options.ts';
import { serviceText } from '../service-text.ts';

interface Options extends ChangeOptions, ServiceOptions {
  readonly instance: string;
  readonly address?: string;
  readonly state: string;
}

/** `weir endpoint report`. */
export function reportCommand(): Command {
  const command = new Command('report')
    .summary('say that an instance is ready, not ready or gone')
    .description('Report an instance of a service: its address, and whether it takes connections.');
  withServiceOptions(command)
    .requiredOption('--instance <id>', 'the instance')
    .option('--address <ip>', 'its address, IPv6 or IPv4; may be left out where it is gone')
    .option('--state <state>', 'ready, not-ready or gone', 'ready');
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir endpoint report --org acme --app shop --env production --process web --instance i-1 --address fd00::1',
      'weir endpoint report --org acme --app shop --env production --process web --instance i-1 --state gone',
    ],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'conflict', 'invalid', 'database-unavailable'],
  });
  return command.action(reportEndpoint);
}

async function reportEndpoint(options: Options): Promise<void> {
  const { org, app, env, process, instance, address, state } = options;
  await change({
    options,
    command: (control, meta) =>
      control.reportEndpoint({ org, app, env, process, instance, address, state }, meta),
    show: (endpoint) => `${endpointText(endpoint)} is ${endpoint.state}`,
  });
}

function endpointText(endpoint: EndpointView): string {
  return `${serviceText(endpoint)}/${endpoint.instance} at ${endpoint.address}`;
}
