import { Command } from 'commander';
import type { DomainView } from '../../../routing/control/views.ts';
import { answered, ask } from '../control.ts';
import { type ControlOptions, QUESTION_EXIT_CODES, withControlOptions, withNotes } from '../options.ts';
import { paint, table } from '../output.ts';
import { proofSteps } from './domain-text.ts';

interface Options extends ControlOptions {
  readonly org?: string;
}

/** `weir domain list`. */
export function listCommand(): Command {
  const command = new Command('list')
    .summary('list domains, and the records that pending claims need')
    .description(
      'List the domains that orgs hold or claim, and for the pending claims the records that prove them.',
    )
    .option('--org <org>', 'only those of this org');
  withControlOptions(command);
  withNotes(command, {
    examples: [
      'weir domain list --org acme',
      `weir domain list --json | jq -r '.[] | select(.state == "pending").domain'`,
    ],
    exitCodes: QUESTION_EXIT_CODES,
  });
  return command.action(listDomains);
}

async function listDomains(options: Options): Promise<void> {
  await ask({
    options,
    command: async (control) => answered(await control.listDomains({ org: options.org })),
    show: showDomains,
  });
}

function showDomains(domains: readonly DomainView[]): string {
  if (domains.length === 0) return 'No domains. "weir domain claim --help" shows how to get one.';
  const rows = table(domains, [
    ['DOMAIN', (each) => each.domain],
    ['ORG', (each) => each.org],
    ['STATE', (each) => each.state],
    ['PROOF', (each) => (each.proof === 'none' ? '-' : each.proof)],
    ['PLATFORM', (each) => (each.isPlatform ? 'yes' : '-')],
    ['UPDATED', (each) => each.updatedAt],
  ]);
  const pending = domains.filter(({ state }) => state === 'pending');
  const notes = pending.flatMap((claim) => [
    '',
    `${paint('bold', claim.domain)} is pending for ${claim.org}: publish this record in the DNS`,
    ...proofSteps(claim),
  ]);
  return [rows, ...notes].join('\n');
}
