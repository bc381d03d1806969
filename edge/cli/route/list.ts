import { Command } from 'commander';
import type { FieldProblem } from '../../../routing/control/control.ts';
import type { RouteView } from '../../../routing/control/views.ts';
import { parseAlpnProtocol } from '../../../routing/model/alpn.ts';
import { ROUTE_LISTENERS } from '../../../routing/model/route.ts';
import { ALPN_OPTION } from '../alpn-option.ts';
import { servicesText } from '../backends-text.ts';
import { answered, ask } from '../control.ts';
import { type ControlOptions, withControlOptions, withNotes } from '../options.ts';
import { table } from '../output.ts';

interface Options extends ControlOptions {
  readonly org?: string;
  readonly listener?: string;
  readonly alpn?: string;
}

/** `weir route list`. */
export function listCommand(): Command {
  const command = new Command('list')
    .summary('list routes')
    .description('List the routes by hostname.')
    .option('--org <org>', 'only those of this org')
    .option('--listener <kind>', 'only those on this listener: tls or http')
    .option(ALPN_OPTION, 'only those that ask for this ALPN protocol');
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir route list --org acme', "weir route list --json | jq -r '.[].hostname'"],
    exitCodes: ['ok', 'failed', 'usage', 'invalid', 'database-unavailable'],
  });
  return command.action(listRoutes);
}

async function listRoutes(options: Options): Promise<void> {
  const { org, listener, alpn } = options;
  const problems = problemsOf(options);
  await ask({
    options,
    command: async (control) =>
      problems.length === 0
        ? answered(await control.listRoutes({ org, listener, alpn }))
        : { kind: 'invalid', problems },
    show: showRoutes,
  });
}

/** Nothing is routed on a listener or for a protocol that cannot exist, which would hide that the word is wrong. */
function problemsOf({ listener, alpn }: Options): readonly FieldProblem[] {
  const isKnown = listener === undefined || ROUTE_LISTENERS.some((known) => known === listener);
  const parsed = alpn === undefined ? null : parseAlpnProtocol(alpn);
  return [
    ...(isKnown ? [] : [{ field: 'listener', problem: `must be ${ROUTE_LISTENERS.join(' or ')}` }]),
    ...(parsed?.kind === 'invalid' ? [{ field: 'alpn', problem: parsed.problem }] : []),
  ];
}

function showRoutes(routes: readonly RouteView[]): string {
  if (routes.length === 0) return 'No routes. "weir route create --help" shows how to make one.';
  return table(routes, [
    ['HOSTNAME', (route) => route.hostname],
    ['LISTENER', (route) => route.listener],
    ['ALPN', (route) => route.alpn ?? '-'],
    ['SERVICE', servicesText],
    ['PORT', (route) => route.backendPort],
    ['PROXY', (route) => route.proxyProtocol],
    ['REDIRECT', (route) => (route.redirectToHttps ? 'https' : '-')],
    ['REVISION', (route) => route.revision],
    ['UPDATED', (route) => route.updatedAt],
  ]);
}
