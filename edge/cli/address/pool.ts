import { Command } from 'commander';
import { answered, ask, change } from '../control.ts';
import { type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';

/** `weir address pool`. */
export function poolCommand(): Command {
  const command = new Command('pool')
    .summary('say or show which addresses can be allocated')
    .description(
      'Define the IPv4 addresses that can be allocated, all of them anew. Those outside that are allocated stay so. Without a range: show them.',
    )
    .argument('[range...]', 'an address, FIRST-LAST or a CIDR block, of which every address counts');
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir address pool 203.0.113.0/28',
      'weir address pool',
      'weir address pool 203.0.113.7 198.51.100.10-198.51.100.19',
    ],
    exitCodes: ['ok', 'failed', 'usage', 'conflict', 'invalid', 'database-unavailable'],
  });
  return command.action(definePool);
}

async function definePool(ranges: readonly string[], options: ChangeOptions): Promise<void> {
  if (ranges.length === 0) return showPool(options);
  await change({
    options,
    labels: { ranges: 'RANGE' },
    command: (control, meta) => control.defineAddressPool({ ranges }, meta),
    show: (pool) => `Addresses ${pool.ranges.join(', ')} can be allocated`,
  });
}

async function showPool(options: ChangeOptions): Promise<void> {
  await ask({
    options,
    command: async (control) => answered((await control.showPools()).addresses),
    show: (pool) =>
      pool === null
        ? 'No pool is defined, so no address can be allocated. "weir address pool RANGE …" defines one.'
        : `Addresses ${pool.ranges.join(', ')} can be allocated`,
  });
}
