import { Command } from 'commander';
import { setCommand } from './set.ts';
import { showCommand } from './show.ts';

/** `weir policy …`: what orgs may take. */
export function policyCommand(): Command {
  return new Command('policy')
    .description(
      'Say how many ports and addresses orgs may have, and how long what they release is kept for them.',
    )
    .addCommand(setCommand())
    .addCommand(showCommand());
}
