import { invalid, ok, type Parsed } from './parsed.ts';

/** How many of a thing an org may have at once. */
export type Quota = number | 'none';

/** An org's own quota; `default` is what all orgs have. */
export type OrgQuota = Quota | 'default';

const MAX_QUOTA = 1_000_000;

export function parseQuota(input: unknown): Parsed<Quota> {
  const quota = typeof input === 'string' && /^[0-9]{1,7}$/.test(input) ? Number(input) : input;
  if (quota === 'none') return ok(quota);
  if (typeof quota === 'number' && Number.isInteger(quota) && quota >= 0 && quota <= MAX_QUOTA)
    return ok(quota);
  return invalid(`must be a whole number from 0 to ${MAX_QUOTA}, or none`);
}

export function parseOrgQuota(input: unknown): Parsed<OrgQuota> {
  if (input === 'default') return ok(input);
  const quota = parseQuota(input);
  return quota.kind === 'ok' ? quota : invalid(`${quota.problem}, or default`);
}
