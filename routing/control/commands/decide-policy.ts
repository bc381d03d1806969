import { isDeepStrictEqual } from 'node:util';
import type { OrgQuota } from '../../model/quota.ts';
import type { OrgPolicy, Policy } from '../events/event.ts';
import { type Decision, record, UNCHANGED } from './decision.ts';
import type { PolicyPatch } from './parse-ownership.ts';

/** Records what differs; `isDefined` says whether the policy is more than the default. */
export function decideDefinePolicy(present: Policy, isDefined: boolean, patch: PolicyPatch): Decision {
  const policy: Policy = {
    portQuota: allOrgs(patch.portQuota) ?? present.portQuota,
    addressQuota: allOrgs(patch.addressQuota) ?? present.addressQuota,
    coolDownMs: patch.coolDownMs ?? present.coolDownMs,
  };
  if (isDefined && isDeepStrictEqual(policy, present)) return UNCHANGED;
  return record({ type: 'policy.defined', payload: policy });
}

/** Records what differs. */
export function decideDefineOrgPolicy(
  present: OrgPolicy | null,
  patch: PolicyPatch & { readonly org: OrgPolicy['org'] },
): Decision {
  const policy: OrgPolicy = {
    org: patch.org,
    portQuota: patch.portQuota ?? present?.portQuota ?? 'default',
    addressQuota: patch.addressQuota ?? present?.addressQuota ?? 'default',
  };
  if (present !== null && isDeepStrictEqual(policy, present)) return UNCHANGED;
  return record({ type: 'org-policy.defined', payload: policy });
}

/** The policy of all orgs has no default to fall back on: its parser lets none through. */
function allOrgs(quota: OrgQuota | null): Policy['portQuota'] | null {
  return quota === 'default' ? null : quota;
}
