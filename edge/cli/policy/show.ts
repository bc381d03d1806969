import { Command } from 'commander';
import { formatDuration } from '../../../config/duration.ts';
import type { CommandResult, Control } from '../../../routing/control/control.ts';
import type { PolicyView } from '../../../routing/control/views.ts';
import { parseName } from '../../../routing/model/name.ts';
import { answered, ask } from '../control.ts';
import { type ControlOptions, withControlOptions, withNotes } from '../options.ts';
import { table } from '../output.ts';
import { quotaText } from './quota-text.ts';

interface Options extends ControlOptions {
  readonly org?: string;
}

/** `weir policy show`. */
export function showCommand(): Command {
  const command = new Command('show')
    .summary('see what orgs may have')
    .description(
      'Show the policy of all orgs and what differs for single ones, or with --org what holds for one.',
    )
    .option('--org <org>', 'what holds for this org, and whether it is its own');
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir policy show', 'weir policy show --org acme'],
    exitCodes: ['ok', 'failed', 'usage', 'invalid', 'database-unavailable'],
  });
  return command.action(showPolicy);
}

async function showPolicy(options: Options): Promise<void> {
  const { org } = options;
  if (org === undefined) {
    await ask({
      options,
      command: async (control) => answered(await control.listPolicies({})),
      show: showPolicies,
    });
    return;
  }
  await ask({ options, command: (control) => policyFor(control, org), show: showEffective });
}

/** What holds for one org. */
interface EffectivePolicy {
  readonly org: string;
  readonly portQuota: PolicyView['portQuota'];
  readonly addressQuota: PolicyView['addressQuota'];
  readonly coolDownMs: number | null;
  /** What was said of this org alone; null where nothing was. */
  readonly own: PolicyView | null;
}

async function policyFor(control: Control, org: string): Promise<CommandResult<EffectivePolicy>> {
  // A name that no org can have would be shown what all orgs have, as if it were one.
  const name = parseName(org);
  if (name.kind === 'invalid')
    return { kind: 'invalid', problems: [{ field: 'org', problem: name.problem }] };
  const policies = await control.listPolicies({ org });
  const ofAll = policies.find((policy) => policy.org === null);
  if (ofAll === undefined) throw new Error('the policy of all orgs is missing');
  const own = policies.find((policy) => policy.org === org) ?? null;
  const effective = (quota: 'portQuota' | 'addressQuota') =>
    own === null || own[quota] === 'default' ? ofAll[quota] : own[quota];
  return answered({
    org,
    portQuota: effective('portQuota'),
    addressQuota: effective('addressQuota'),
    coolDownMs: ofAll.coolDownMs,
    own,
  });
}

function showPolicies(policies: readonly PolicyView[]): string {
  return table(policies, [
    ['ORG', (policy) => policy.org ?? '(all)'],
    ['PORTS', (policy) => quotaText(policy.portQuota)],
    ['ADDRESSES', (policy) => quotaText(policy.addressQuota)],
    ['COOL-DOWN', ({ coolDownMs }) => (coolDownMs === null ? 'as all orgs' : formatDuration(coolDownMs))],
    // Nobody has defined the one that holds from the beginning.
    ['UPDATED', (policy) => (policy.revision === 0 ? '-' : policy.updatedAt)],
  ]);
}

function showEffective({ org, portQuota, addressQuota, coolDownMs, own }: EffectivePolicy): string {
  const from = (quota: PolicyView['portQuota'] | undefined) =>
    quota === undefined || quota === 'default' ? 'all orgs' : org;
  const rows = [
    ['ports', quotaText(portQuota), from(own?.portQuota)],
    ['addresses', quotaText(addressQuota), from(own?.addressQuota)],
    ['cool-down', formatDuration(coolDownMs ?? 0), from(undefined)],
  ] as const;
  return table(rows, [
    ['POLICY', ([policy]) => policy],
    ['VALUE', ([, value]) => value],
    ['OF', ([, , of]) => of],
  ]);
}
