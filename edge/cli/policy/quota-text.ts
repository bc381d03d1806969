import type { PolicyView } from '../../../routing/control/views.ts';

/** A quota for people, to whom `none` might look like nothing at all. */
export function quotaText(quota: PolicyView['portQuota']): string {
  if (quota === 'none') return 'unlimited';
  return quota === 'default' ? 'as all orgs' : String(quota);
}
