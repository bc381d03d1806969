import { Command } from 'commander';
import type { DomainView } from '../../../routing/control/views.ts';
import { change } from '../control.ts';
import { CHANGE_EXIT_CODES, type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';
import { holdingText, proofSteps } from './domain-text.ts';

interface Options extends ChangeOptions {
  readonly org: string;
  readonly trusted?: true;
  readonly platform?: true;
  readonly skipCoolDown?: true;
}

/** `weir domain claim`. */
export function claimCommand(): Command {
  const command = new Command('claim')
    .summary('claim a domain for an org')
    .description(
      'Claim a domain, with all names below it, for an org. The answer is a TXT record: once it is in the DNS, ' +
        '"weir domain verify" makes the domain the org\'s. Claiming it again answers with the same record.',
    )
    .argument('<domain>', 'name, as in example.com; or *, with --trusted, for what no other route takes')
    .requiredOption('--org <org>', 'org (tenant) that claims it')
    .option('--trusted', 'the operator vouches for it: the org holds it at once, without a record')
    .option('--platform', 'with --trusted: open to all orgs, each name directly below it goes to the first')
    .option('--no-platform', 'with --trusted: not any more; without either it stays as it is')
    .option('--skip-cool-down', 'with --trusted: also when another org released it a short while ago');
  withChangeOptions(command);
  withNotes(command, {
    examples: [
      'weir domain claim example.com --org acme',
      'weir domain claim example.net --org acme --trusted',
      'weir domain claim apps.example.net --org platform --trusted --platform',
      "weir domain claim '*' --org acme --trusted",
    ],
    exitCodes: CHANGE_EXIT_CODES,
  });
  return command.action(claimDomain);
}

async function claimDomain(domain: string, options: Options): Promise<void> {
  const { org, trusted, platform, skipCoolDown } = options;
  const claim = { domain, org, isTrusted: trusted, isPlatform: platform, skipCoolDown };
  await change({
    options,
    labels: { domain: 'DOMAIN', isTrusted: '--trusted', isPlatform: '--platform' },
    command: (control, meta) => control.claimDomain(claim, meta),
    show: showClaim,
  });
}

function showClaim(claim: DomainView): string {
  if (claim.state !== 'pending') return holdingText(claim);
  return [
    `${claim.org} claims ${claim.domain}. To prove it, publish this record in the DNS:`,
    ...proofSteps(claim),
  ].join('\n');
}
