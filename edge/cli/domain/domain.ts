import { Command } from 'commander';
import { claimCommand } from './claim.ts';
import { listCommand } from './list.ts';
import { releaseCommand } from './release.ts';
import { verifyCommand } from './verify.ts';

/** `weir domain …`: which org may route which names. */
export function domainCommand(): Command {
  return new Command('domain')
    .description(
      'Claim domains for orgs. An org can route the names of the domains that it holds, and no others.',
    )
    .addCommand(claimCommand())
    .addCommand(verifyCommand())
    .addCommand(releaseCommand())
    .addCommand(listCommand());
}
