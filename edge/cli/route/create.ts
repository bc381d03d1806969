import { Command } from 'commander';
import { ALPN_OPTION } from '../alpn-option.ts';
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
import { routeText } from './route-text.ts';

interface Options extends ChangeOptions, ServiceOptions {
  readonly backendPort: string;
  readonly listener: string;
  readonly alpn?: string;
  readonly proxyProtocol: string;
  readonly proxyTlv?: string;
  readonly redirectHttps?: true;
}

/** `weir route create`. */
export function createCommand(): Command {
  const command = new Command('create')
    .summary('bind a hostname to a service')
    .description(
      'Bind a hostname to a service, which need not have endpoints yet. The name has to lie in a domain that the org holds ' +
        '("weir domain claim"), or below a platform domain, where the first org to bind a name has it.',
    )
    .argument('<hostname>', 'name, *.name for everything below it, or * for what no other route takes');
  withServiceOptions(command)
    .requiredOption('--backend-port <port>', 'port that the instances of the service listen on')
    .option('--listener <kind>', 'tls: by SNI; http: by Host', 'tls')
    .option(
      ALPN_OPTION,
      'only for clients that offer this ALPN protocol (tls listener only), as in acme-tls/1; a name may have one route ' +
        'for each protocol beside the one without',
    )
    .option('--proxy-protocol <version>', 'v2: tell the backend who the client is; none', 'none')
    .option('--proxy-tlv <names>', PROXY_TLV_HELP)
    .option('--redirect-https', 'answer with a redirect to https (http listener only)');
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir route create www.example.com --org acme --app shop --env production --process web --backend-port 8443',
      "weir route create '*.example.com' --org acme --app shop --env production --process web --backend-port 8443",
      'weir route create www.example.com --listener http --redirect-https --org acme --app shop --env production --process web --backend-port 8080',
      'weir route create www.example.com --alpn acme-tls/1 --org acme --app certs --env production --process web --backend-port 8443',
    ],
    exitCodes: CHANGE_EXIT_CODES,
  });
  return command.action(createRoute);
}

async function createRoute(hostname: string, options: Options): Promise<void> {
  const { org, app, env, process, backendPort, listener, alpn, proxyProtocol, redirectHttps } = options;
  const proxyTlvs = proxyTlvsOf(options.proxyTlv);
  const target = {
    org,
    app,
    env,
    process,
    backendPort,
    proxyProtocol,
    proxyTlvs,
    redirectToHttps: redirectHttps,
  };
  await change({
    options,
    labels: { hostname: 'HOSTNAME', ...PROXY_TLV_LABELS },
    command: (control, meta) => control.createRoute({ hostname, listener, alpn, ...target }, meta),
    show: (route) => `Created ${routeText(route)}`,
  });
}
