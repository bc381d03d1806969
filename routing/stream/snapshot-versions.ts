import { addAlpn, addProxyTlvs } from '../model/older-routes.ts';
import { isRecord } from '../model/shape.ts';

/** Turns a row of one version into one of the next. */
type Upcast = (row: unknown) => unknown;

/** The oldest version that can still be read. */
const OLDEST = 2;

/** The first makes version 3 out of version 2, and so on: an edge that was upgraded still has what it last knew. */
const STEPS: readonly Upcast[] = [
  (row) => withBody(row, ['route', 'port'], addProxyTlvs),
  (row) => withBody(row, ['route'], addAlpn),
];

/** The version in which snapshots are written. */
export const FORMAT_VERSION = OLDEST + STEPS.length;

/** What makes a row of this version one of today's; null for a version that cannot be read. */
export function upcastFrom(version: unknown): Upcast | null {
  if (typeof version !== 'number' || !Number.isInteger(version)) return null;
  if (version < OLDEST || version > FORMAT_VERSION) return null;
  const steps = STEPS.slice(version - OLDEST);
  return (row) => steps.reduce((older, step) => step(older), row);
}

function withBody(row: unknown, kinds: readonly unknown[], upcast: Upcast): unknown {
  return isRecord(row) && kinds.includes(row['kind']) ? { ...row, body: upcast(row['body']) } : row;
}
