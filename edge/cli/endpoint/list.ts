import { Command } from 'commander';
import type { EndpointView } from '../../../routing/control/views.ts';
import { answered, ask } from '../control.ts';
import {
  type ControlOptions,
  QUESTION_EXIT_CODES,
  type ServiceOptions,
  withControlOptions,
  withNotes,
} from '../options.ts';
import { table } from '../output.ts';
import { serviceText } from '../service-text.ts';

interface Options extends ControlOptions, Partial<ServiceOptions> {}

/** `weir endpoint list`. */
export function listCommand(): Command {
  const command = new Command('list')
    .summary('list instances')
    .description('List the instances that have been reported.')
    .option('--org <org>', 'only those of this org')
    .option('--app <app>', 'only those of this app')
    .option('--env <env>', 'only those of this environment')
    .option('--process <type>', 'only those of this process type');
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir endpoint list --org acme --app shop'],
    exitCodes: QUESTION_EXIT_CODES,
  });
  return command.action(listEndpoints);
}

async function listEndpoints(options: Options): Promise<void> {
  const { org, app, env, process } = options;
  await ask({
    options,
    command: async (control) => answered(await control.listEndpoints({ org, app, env, process })),
    show: showEndpoints,
  });
}

function showEndpoints(endpoints: readonly EndpointView[]): string {
  if (endpoints.length === 0) return 'No endpoints. "weir endpoint report --help" shows how to report one.';
  return table(endpoints, [
    ['SERVICE', serviceText],
    ['INSTANCE', (endpoint) => endpoint.instance],
    ['ADDRESS', (endpoint) => endpoint.address],
    ['STATE', (endpoint) => endpoint.state],
    ['REVISION', (endpoint) => endpoint.revision],
    ['UPDATED', (endpoint) => endpoint.updatedAt],
  ]);
}
