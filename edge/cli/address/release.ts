import { Command } from 'commander';
import { change } from '../control.ts';
import { coolDownOf, keptText, keptUntil } from '../cool-down.ts';
import { type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';

/** `weir address release`. */
export function releaseCommand(): Command {
  const command = new Command('release')
    .summary('give a dedicated address back')
    .description(
      'Give an address back to the pool. It is kept from other orgs for the cool-down (see "weir policy show"), so that ' +
        'nobody gets connections that still come for the org that had it.',
    )
    .argument('<address>', 'the address; no port may be bound on it any more');
  withChangeOptions(command);
  withNotes(command, {
    examples: ['weir address release 203.0.113.7'],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'conflict', 'invalid', 'database-unavailable'],
  });
  return command.action(releaseAddress);
}

async function releaseAddress(address: string, options: ChangeOptions): Promise<void> {
  await change({
    options,
    labels: { address: 'ADDRESS' },
    command: async (control, meta) => {
      const coolDownMs = await coolDownOf(control);
      const result = await control.releaseAddress({ address }, meta);
      if (result.kind !== 'ok') return result;
      const kept = keptUntil(result.value.updatedAt, coolDownMs);
      return { ...result, value: { ...result.value, keptUntil: kept } };
    },
    show: (released) => `Released ${released.address} of ${released.org}; ${keptText(released)}`,
  });
}
