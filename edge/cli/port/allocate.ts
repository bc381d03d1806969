import { Command } from 'commander';
import { change } from '../control.ts';
import {
  CHANGE_EXIT_CODES,
  type ChangeOptions,
  type ServiceOptions,
  withChangeOptions,
  withNotes,
  withServiceOptions,
} from '../options.ts';
import { PROXY_TLV_HELP, PROXY_TLV_LABELS, proxyTlvsOf } from '../proxy-tlv-option.ts';
import { portText } from './port-text.ts';

interface Options extends ChangeOptions, ServiceOptions {
  readonly port?: string;
  readonly address?: string;
  readonly backendPort: string;
  readonly proxyProtocol: string;
  readonly proxyTlv?: string;
}

/** `weir port allocate`. */
export function allocateCommand(): Command {
  const command = new Command('allocate')
    .summary('bind a raw TCP port to a service')
    .description(
      'Take a port of the pool for a service: the one that is named, or the lowest that is free. On a dedicated address ' +
        'there is no pool: any port that is named.',
    )
    .option('--port <port>', 'take this one')
    .option('--address <ip>', 'of this dedicated IPv4 address, instead of those that all orgs share');
  withServiceOptions(command)
    .requiredOption('--backend-port <port>', 'port that the instances of the service listen on')
    .option('--proxy-protocol <version>', 'v2: tell the backend who the client is; none', 'none')
    .option('--proxy-tlv <names>', PROXY_TLV_HELP);
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir port allocate --org acme --app shop --env production --process db --backend-port 5432',
      'weir port allocate --port 20042 --org acme --app shop --env production --process db --backend-port 5432',
      'weir port allocate --address 203.0.113.7 --port 25 --org acme --app shop --env production --process mail --backend-port 2525',
    ],
    exitCodes: CHANGE_EXIT_CODES,
  });
  return command.action(allocatePort);
}

async function allocatePort(options: Options): Promise<void> {
  const { port, address, org, app, env, process, backendPort, proxyProtocol } = options;
  const proxyTlvs = proxyTlvsOf(options.proxyTlv);
  await change({
    options,
    labels: PROXY_TLV_LABELS,
    command: (control, meta) =>
      control.allocatePort(
        { port, address, org, app, env, process, backendPort, proxyProtocol, proxyTlvs },
        meta,
      ),
    show: (allocated) => `Allocated ${portText(allocated)}`,
  });
}
