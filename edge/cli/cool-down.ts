import type { Control } from '../../routing/control/control.ts';

/** How long something that was released stays kept. */
export interface Kept {
  /** Until when it is kept from other orgs, in ISO 8601; null where it is free for them at once. */
  readonly keptUntil: string | null;
}

/**
 * Milliseconds for which what was released is kept from other orgs now. To be asked before the release: after it a
 * database that is away would make a failure of what was done.
 */
export async function coolDownOf(control: Control): Promise<number> {
  const [ofAll] = await control.listPolicies({});
  return ofAll?.coolDownMs ?? 0;
}

/** Until when something is kept that was released at a time in ISO 8601. */
export function keptUntil(releasedAt: string, coolDownMs: number): string | null {
  return coolDownMs === 0 ? null : new Date(Date.parse(releasedAt) + coolDownMs).toISOString();
}

/** The same as a clause for people. */
export function keptText({ keptUntil: until }: Kept): string {
  return until === null ? 'other orgs can have it at once' : `it is kept from other orgs until ${until}`;
}
