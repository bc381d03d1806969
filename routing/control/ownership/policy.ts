import type { Name } from '../../model/name.ts';
import type { Quota } from '../../model/quota.ts';
import type { Statements } from '../database.ts';
import {
  type ControlEvent,
  type OrgPolicy,
  orgPolicyStream,
  POLICY_STREAM,
  type Policy,
} from '../events/event.ts';
import { loadStream } from '../events/event-log.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What holds while nobody has said otherwise. */
export const DEFAULT_POLICY: Policy = { portQuota: 10, addressQuota: 1, coolDownMs: DAY_MS };

/** How long what was released is kept from other orgs, as an expression of SQL. */
export const COOL_DOWN = `coalesce((
    select (payload ->> 'coolDownMs')::bigint from weir.events where stream = '${POLICY_STREAM}'
    order by stream_version desc limit 1
  ), ${DEFAULT_POLICY.coolDownMs}) * interval '1 millisecond'`;

/** What an org may take. */
export interface Quotas {
  readonly ports: Quota;
  readonly addresses: Quota;
}

/** What the operator may give, whatever the policies say. */
export const UNBOUNDED: Quotas = { ports: 'none', addresses: 'none' };

/** The policy after the last event of its stream. */
export function policyAfter(last: ControlEvent | null): Policy {
  return last?.type === 'policy.defined' ? last.payload : DEFAULT_POLICY;
}

/** An org's policy after the last event of its stream, null where it has none of its own. */
export function orgPolicyAfter(last: ControlEvent | null): OrgPolicy | null {
  return last?.type === 'org-policy.defined' ? last.payload : null;
}

/** What an org may take at this moment. */
export async function loadQuotas(transaction: Statements, org: Name): Promise<Quotas> {
  const policy = policyAfter((await loadStream(transaction, POLICY_STREAM))?.last.event ?? null);
  const own = orgPolicyAfter((await loadStream(transaction, orgPolicyStream(org)))?.last.event ?? null);
  return {
    ports: own === null || own.portQuota === 'default' ? policy.portQuota : own.portQuota,
    addresses: own === null || own.addressQuota === 'default' ? policy.addressQuota : own.addressQuota,
  };
}
