import type { Control } from '../control.ts';
import type { Statements } from '../database.ts';
import { orgPolicyStream, POLICY_STREAM } from '../events/event.ts';
import { loadStream } from '../events/event-log.ts';
import { lockAllocations } from '../ownership/allocation-lock.ts';
import { orgPolicyAfter, policyAfter } from '../ownership/policy.ts';
import { decideDefineOrgPolicy, decideDefinePolicy } from './decide-policy.ts';
import { type PolicyPatch, parsePolicyInput } from './parse-ownership.ts';
import type { Decided } from './run-command.ts';
import type { RunCommand } from './runner.ts';
import { policyViewOf } from './view-of-state.ts';

/** The commands on what orgs may take. */
export function policyCommands(run: RunCommand): Pick<Control, 'definePolicy'> {
  return {
    definePolicy: (input, meta) =>
      run({
        name: 'define-policy',
        input: parsePolicyInput(input),
        meta,
        decide: definePolicy,
        view: policyViewOf,
      }),
  };
}

/** Changes the policy of all orgs, or of one. */
export async function definePolicy(transaction: Statements, patch: PolicyPatch): Promise<Decided> {
  const { org } = patch;
  await lockAllocations(transaction);
  if (org === null) {
    const state = await loadStream(transaction, POLICY_STREAM);
    const present = policyAfter(state?.last.event ?? null);
    return { state, decision: decideDefinePolicy(present, state !== null, patch) };
  }
  const state = await loadStream(transaction, orgPolicyStream(org));
  return {
    state,
    decision: decideDefineOrgPolicy(orgPolicyAfter(state?.last.event ?? null), { ...patch, org }),
  };
}
