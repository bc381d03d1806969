import { Command } from 'commander';
import { formatDuration } from '../../../config/duration.ts';
import type { PolicyView } from '../../../routing/control/views.ts';
import { change } from '../control.ts';
import { type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';
import { quotaText } from './quota-text.ts';

interface Options extends ChangeOptions {
  readonly org?: string;
  readonly ports?: string;
  readonly addresses?: string;
  readonly coolDown?: string;
}

/** `weir policy set`. */
export function setCommand(): Command {
  const command = new Command('set')
    .summary('change what all orgs, or one, may have')
    .description(
      'Change the policy of all orgs, or with --org what differs for one. What is not named stays as it is. A lower ' +
        'quota takes nothing away; a cool-down holds for what was released before as well.',
    )
    .option('--org <org>', 'for this org only')
    .option(
      '--ports <count>',
      'shared raw TCP ports at once; none: no limit; default: as all orgs (with --org)',
    )
    .option('--addresses <count>', 'dedicated addresses at once; the same words')
    .option(
      '--cool-down <duration>',
      'how long released domains and addresses are kept from other orgs; 0: not at all',
    );
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir policy set --ports 10 --addresses 1 --cool-down 24h',
      'weir policy set --org acme --ports none --addresses 4',
      'weir policy set --org acme --ports default',
    ],
    exitCodes: ['ok', 'failed', 'usage', 'conflict', 'invalid', 'database-unavailable'],
  });
  return command.action(setPolicy);
}

async function setPolicy(options: Options, command: Command): Promise<void> {
  const { org, ports, addresses, coolDown } = options;
  const changes = { portQuota: ports, addressQuota: addresses, coolDown };
  if (Object.values(changes).every((value) => value === undefined)) {
    command.error('error: nothing to change is named');
  }
  await change({
    options,
    labels: { portQuota: '--ports', addressQuota: '--addresses' },
    command: (control, meta) => control.definePolicy({ org, ...changes }, meta),
    show: showPolicy,
  });
}

function showPolicy({ org, portQuota, addressQuota, coolDownMs }: PolicyView): string {
  const parts = [`ports ${quotaText(portQuota)}`, `addresses ${quotaText(addressQuota)}`];
  if (coolDownMs !== null) parts.push(`cool-down ${formatDuration(coolDownMs)}`);
  return `Policy of ${org ?? 'all orgs'}: ${parts.join(', ')}`;
}
