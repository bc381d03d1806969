import type { Brand } from './brand.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** The number of a change in the projections: 0 before the first, then rising in the order in which they became visible. */
export type Revision = Brand<number, 'Revision'>;

export const NO_REVISION = 0 as Revision;

/** Takes a number or PostgreSQL's text form of a bigint. */
export function parseRevision(input: unknown): Parsed<Revision> {
  const value = typeof input === 'string' && /^[0-9]{1,16}$/.test(input) ? Number(input) : input;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    return invalid('is not a revision (a whole number from 0)');
  }
  return ok(value as Revision);
}
