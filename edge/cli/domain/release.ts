import { Command } from 'commander';
import type { DomainView } from '../../../routing/control/views.ts';
import { change } from '../control.ts';
import { coolDownOf, type Kept, keptText, keptUntil } from '../cool-down.ts';
import { type ChangeOptions, withChangeOptions, withNotes } from '../options.ts';

interface Options extends ChangeOptions {
  readonly org: string;
}

/** `weir domain release`. */
export function releaseCommand(): Command {
  const command = new Command('release')
    .summary('give a domain or a claim up')
    .description(
      'Give a domain up, or withdraw a claim. A domain that the org held is kept from other orgs for the cool-down ' +
        '(see "weir policy show"), so that nobody takes over names that still point here in the DNS.',
    )
    .argument('<domain>', 'the domain, as it was claimed; no route may be left in it')
    .requiredOption('--org <org>', 'org (tenant) that gives it up');
  withChangeOptions(command);
  withNotes(command, {
    examples: ['weir domain release example.com --org acme'],
    exitCodes: ['ok', 'failed', 'usage', 'not-found', 'conflict', 'invalid', 'database-unavailable'],
  });
  return command.action(releaseDomain);
}

async function releaseDomain(domain: string, options: Options): Promise<void> {
  const { org } = options;
  await change({
    options,
    labels: { domain: 'DOMAIN' },
    command: async (control, meta) => {
      const coolDownMs = await coolDownOf(control);
      const result = await control.releaseDomain({ domain, org }, meta);
      if (result.kind !== 'ok') return result;
      const { value } = result;
      // What was never proved was never kept from anybody.
      const kept = value.proof === 'none' ? null : keptUntil(value.updatedAt, coolDownMs);
      return { ...result, value: { ...value, keptUntil: kept } };
    },
    show: showReleased,
  });
}

function showReleased(released: DomainView & Kept): string {
  const { domain, org, proof } = released;
  if (proof === 'none') return `Withdrew the claim of ${org} to ${domain}, which was not proved`;
  return `Released ${domain} of ${org}; ${keptText(released)}`;
}
