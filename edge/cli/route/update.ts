import { Command } from 'commander';
import { ALPN_HELP, ALPN_OPTION } from '../alpn-option.ts';
import { change } from '../control.ts';
import { type ChangeOptions, type ServiceOptions, withChangeOptions, withNotes } from '../options.ts';
import { PROXY_TLV_HELP, PROXY_TLV_LABELS, proxyTlvsOf } from '../proxy-tlv-option.ts';
import { routeText } from './route-text.ts';

interface Options extends ChangeOptions, Partial<ServiceOptions> {
  readonly backendPort?: string;
  readonly listener: string;
  readonly alpn?: string;
  readonly proxyProtocol?: string;
  readonly proxyTlv?: string;
  readonly redirectHttps?: boolean;
}

/** `weir route update`. */
export function updateCommand(): Command {
  const command = new Command('update')
    .summary('change where a hostname points')
    .description('Change a route. What is not named stays as it is, and so do connections that are running.')
    .argument('<hostname>', 'the route, as it was created')
    .option('--listener <kind>', "the route's listener: tls or http", 'tls')
    .option(ALPN_OPTION, ALPN_HELP)
    .option('--org <org>', 'org (tenant) of the service: it has to hold the name')
    .option('--app <app>', 'app of the service')
    .option('--env <env>', 'environment of the app')
    .option('--process <type>', 'process type of the app')
    .option('--backend-port <port>', 'port that the instances of the service listen on')
    .option('--proxy-protocol <version>', 'v2: tell the backend who the client is; none')
    .option('--proxy-tlv <names>', PROXY_TLV_HELP)
    .option('--redirect-https', 'answer with a redirect to https (http listener only)')
    .option('--no-redirect-https', 'forward requests again');
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir route update www.example.com --env staging',
      'weir route update www.example.com --proxy-protocol none',
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
  return command.action(updateRoute);
}

async function updateRoute(hostname: string, options: Options, command: Command): Promise<void> {
  const { org, app, env, process, backendPort, listener, alpn, proxyProtocol, redirectHttps } = options;
  const proxyTlvs = proxyTlvsOf(options.proxyTlv);
  const changes = {
    org,
    app,
    env,
    process,
    backendPort,
    proxyProtocol,
    proxyTlvs,
    redirectToHttps: redirectHttps,
  };
  if (Object.values(changes).every((value) => value === undefined)) {
    command.error('error: nothing to change is named');
  }
  await change({
    options,
    labels: { hostname: 'HOSTNAME', ...PROXY_TLV_LABELS },
    command: (control, meta) => control.updateRoute({ hostname, listener, alpn, ...changes }, meta),
    show: (route) => `Updated ${routeText(route)}`,
  });
}
