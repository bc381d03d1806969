import { challengeOf } from '../../../routing/control/ownership/challenge.ts';
import type { AppliedView, ApplyChange } from '../../../routing/control/views.ts';
import type { Desired } from '../../../routing/manifest/desired.ts';
import type { RouteStatus } from '../../../routing/manifest/gateway/status.ts';
import { proofSteps } from '../domain/domain-text.ts';
import { countText } from './change-text.ts';

/** What came of an apply, and of what. */
export interface Applied {
  readonly view: AppliedView;
  readonly desired: readonly Desired[];
  readonly statuses: readonly RouteStatus[];
}

/** The last lines: how much was done, and what is left to do for the domains that are claimed and not proved. */
export function appliedText({ view }: Applied): string {
  const { changes, isDryRun, revision } = view;
  const count = countText(changes);
  const isAsWanted = changes.every(({ action }) => action === 'unchanged');
  if (isAsWanted) return [`Nothing to do: ${count || 'nothing is wanted'}`, ...claimsText(view)].join('\n');
  const head = isDryRun
    ? `Would be applied: ${count}; nothing was changed`
    : `Applied: ${count}${revision === null ? '' : ` (revision ${revision})`}`;
  return [head, ...claimsText(view)].join('\n');
}

/** The same for scripts. */
export function appliedDocument({ view, desired, statuses }: Applied): object {
  const { isDryRun, revision } = view;
  const changes = view.changes.map(({ index, ...change }) => {
    const at = index === null ? undefined : desired[index];
    const place = at === undefined ? null : at.document.place([]);
    return { ...change, after: isDryRun ? withoutNewToken(change) : change.after, place };
  });
  const challenges = pendingClaims(view.changes)
    .filter(({ isToCome }) => !(isDryRun && isToCome))
    .flatMap(({ domain, org, challenge }) => (challenge === null ? [] : [{ domain, org, ...challenge }]));
  return { isDryRun, changes, statuses, challenges, revision };
}

interface PendingClaim {
  readonly domain: string;
  readonly org: string;
  readonly challenge: { readonly name: string; readonly value: string } | null;
  /** The token is one that this apply makes. */
  readonly isToCome: boolean;
}

function pendingClaims(changes: readonly ApplyChange[]): readonly PendingClaim[] {
  return changes.flatMap(({ kind, before, after }) => {
    if (kind !== 'domain' || after?.['proof'] !== 'none') return [];
    const [domain, org, token] = [after['domain'], after['org'], after['token']].map(String);
    if (domain === undefined || org === undefined || token === undefined) return [];
    const isToCome = before?.['token'] !== token;
    return [{ domain, org, challenge: challengeOf(domain, token), isToCome }];
  });
}

function claimsText({ changes, isDryRun }: AppliedView): readonly string[] {
  return pendingClaims(changes).flatMap((claim) => {
    const says = `${claim.org} ${isDryRun && claim.isToCome ? 'would claim' : 'claims'} ${claim.domain}`;
    if (isDryRun && claim.isToCome) return [`${says}; the record to publish comes with the apply`];
    return [`${says}. To prove it, publish this record in the DNS:`, ...proofSteps(claim)];
  });
}

/** A token that a dry run made is nobody's. */
function withoutNewToken({ kind, before, after }: Omit<ApplyChange, 'index'>): ApplyChange['after'] {
  if (kind !== 'domain' || after === null || before?.['token'] === after['token']) return after;
  const { token: _, ...rest } = after;
  return rest;
}
