import { Command } from 'commander';
import type { CommandResult } from '../../../routing/control/control.ts';
import type { BackendInput } from '../../../routing/control/inputs.ts';
import { ALPN_HELP, ALPN_OPTION } from '../alpn-option.ts';
import { change } from '../control.ts';
import { type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';
import { routeText } from './route-text.ts';

interface Options extends ChangeOptions {
  readonly backend: readonly [string, ...string[]];
  readonly listener: string;
  readonly alpn?: string;
}

/** `weir route split`. */
export function splitCommand(): Command {
  const command = new Command('split')
    .summary('share the connections of a hostname out among several services')
    .description(
      'Replace the backends of a route. Each new connection goes to one of them that has a ready endpoint, by weight; ' +
        'where it does not answer, to the next. Running connections stay where they are.',
    )
    .argument('<hostname>', 'the route, as it was created')
    .requiredOption(
      '--backend <app/env/process:port=weight...>',
      "a backend of the route's org; weights are relative, 0 to 1000000, 1 if left out",
    )
    .option('--listener <kind>', "the route's listener: tls or http", 'tls')
    .option(ALPN_OPTION, ALPN_HELP);
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir route split www.example.com --backend shop/production/web:8443=95 --backend shop/production/canary:8443=5',
      'weir route split www.example.com --backend shop/production/canary:8443',
    ],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'conflict', 'invalid', 'database-unavailable'],
  });
  return command.action(splitRoute);
}

async function splitRoute(hostname: string, options: Options): Promise<void> {
  const { backend: texts, listener, alpn } = options;
  const backends = texts.map(readBackend);
  await change({
    options,
    labels: { hostname: 'HOSTNAME', others: '--backend', ...labelsOf(texts) },
    command: async (control, meta) => {
      const [first, ...others] = backends.filter((backend) => backend !== null);
      if (first === undefined || others.length + 1 < backends.length) return notBackends(texts, backends);
      return control.updateRoute({ hostname, listener, alpn, ...first, others }, meta);
    },
    show: (route) => `Split ${routeText(route)}`,
  });
}

/** What is between the marks is for the control plane to judge. */
function readBackend(text: string): BackendInput | null {
  const [, app, env, process, backendPort, weight] =
    /^([^/]*)\/([^/]*)\/([^/:]*):([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (app === undefined || env === undefined || process === undefined || backendPort === undefined)
    return null;
  // A first backend without a weight has to be given one too: what is absent from an update stays.
  return { app, env, process, backendPort, weight: weight ?? '1' };
}

function notBackends(
  texts: readonly string[],
  backends: readonly (BackendInput | null)[],
): Extract<CommandResult<never>, { readonly kind: 'invalid' }> {
  const problems = texts.flatMap((text, at) =>
    backends[at] === null
      ? [{ field: 'backend', problem: `${JSON.stringify(text)} is not APP/ENV/PROCESS:PORT=WEIGHT` }]
      : [],
  );
  return { kind: 'invalid', problems };
}

/** Problems name fields; here it is the option's value that people know. */
function labelsOf(texts: Options['backend']): Readonly<Record<string, string>> {
  const labels = texts.flatMap((text, at) => {
    const prefix = at === 0 ? '' : `others[${at - 1}].`;
    const fields = ['app', 'env', 'process', 'backendPort', 'weight'];
    const own = fields.map((field) => [
      `${prefix}${field}`,
      `${field === 'backendPort' ? 'port' : field} of ${JSON.stringify(text)}`,
    ]);
    return [...own, [`others[${at - 1}]`, JSON.stringify(text)]];
  });
  return Object.fromEntries(labels);
}
