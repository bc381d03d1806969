import { Command } from 'commander';
import type { RouteView } from '../../../routing/control/views.ts';
import { ROUTE_LISTENERS } from '../../../routing/model/route.ts';
import { servicesText } from '../backends-text.ts';
import { answered, ask } from '../control.ts';
import { type ControlOptions, withControlOptions, withNotes } from '../options.ts';
import { table } from '../output.ts';

interface Options extends ControlOptions {
  readonly org?: string;
  readonly listener?: string;
}

/** `weir route list`. */
export function listCommand(): Command {
  const command = new Command('list')
    .summary('list routes')
    .description('List the routes by hostname.')
    .option('--org <org>', 'only those of this org')
    .option('--listener <kind>', 'only those on this listener: tls or http');
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir route list --org acme', "weir route list --json | jq -r '.[].hostname'"],
    exitCodes: ['ok', 'failed', 'usage', 'invalid', 'database-unavailable'],
  });
  return command.action(listRoutes);
}

async function listRoutes(options: Options): Promise<void> {
  const { org, listener } = options;
  // Nothing is routed on a listener that does not exist, which would hide that the word is wrong.
  const problem = { field: 'listener', problem: `must be ${ROUTE_LISTENERS.join(' or ')}` };
  const isKnown = listener === undefined || ROUTE_LISTENERS.some((known) => known === listener);
  await ask({
    options,
    command: async (control) =>
      isKnown
        ? answered(await control.listRoutes({ org, listener }))
        : { kind: 'invalid', problems: [problem] },
    show: showRoutes,
  });
}

function showRoutes(routes: readonly RouteView[]): string {
  if (routes.length === 0) return 'No routes. "weir route create --help" shows how to make one.';
  return table(routes, [
    ['HOSTNAME', (route) => route.hostname],
    ['LISTENER', (route) => route.listener],
    ['SERVICE', servicesText],
    ['PORT', (route) => route.backendPort],
    ['PROXY', (route) => route.proxyProtocol],
    ['REDIRECT', (route) => (route.redirectToHttps ? 'https' : '-')],
    ['REVISION', (route) => route.revision],
    ['UPDATED', (route) => route.updatedAt],
  ]);
}
