import { Command } from 'commander';
import type { RouteReport } from '../../../routing/control/views.ts';
import { ALPN_HELP, ALPN_OPTION } from '../alpn-option.ts';
import { ask } from '../control.ts';
import { type ControlOptions, withControlOptions, withNotes } from '../options.ts';
import { paint } from '../output.ts';
import { routeText } from './route-text.ts';

interface Options extends ControlOptions {
  readonly listener: string;
  readonly alpn?: string;
}

/** `weir route show`. */
export function showCommand(): Command {
  const command = new Command('show')
    .summary('say step by step why a route is or is not live')
    .description('Follow a route from its creation to the edges, and say where it stops.')
    .argument('<hostname>', 'the route, as it was created')
    .option('--listener <kind>', "the route's listener: tls or http", 'tls')
    .option(ALPN_OPTION, ALPN_HELP);
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir route show www.example.com', 'weir route show www.example.com --json | jq .isLive'],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'invalid', 'database-unavailable'],
  });
  return command.action(showRoute);
}

async function showRoute(hostname: string, options: Options): Promise<void> {
  const { listener, alpn } = options;
  await ask({
    options,
    labels: { hostname: 'HOSTNAME' },
    command: (control) => control.showRoute({ hostname, listener, alpn }),
    show: showReport,
  });
}

function showReport({ route, otherAlpn, isLive, verdict, steps }: RouteReport): string {
  const width = Math.max(...steps.map(({ step }) => step.length));
  const lines = steps.map(({ step, isOk, detail }) => {
    const mark = isOk ? paint('green', '✓') : paint('red', '✗');
    return `  ${mark} ${step.padEnd(width)}  ${detail}`.trimEnd();
  });
  return [
    paint('bold', routeText(route)),
    ...lines,
    paint(isLive ? 'green' : 'red', verdict),
    ...othersText(otherAlpn),
  ].join('\n');
}

/** Whoever looks for the reason may look at the wrong one of several routes. */
function othersText(otherAlpn: RouteReport['otherAlpn']): readonly string[] {
  const asking = otherAlpn.filter((protocol) => protocol !== null);
  const plain = otherAlpn.includes(null) ? ['all others'] : [];
  const clients = [...asking.map((protocol) => `clients that offer ${protocol}`), ...plain];
  return clients.length === 0 ? [] : [`the name has other routes, for ${clients.join(', ')}`];
}
