import { MAX_OTHERS, type Target } from './route.ts';
import { orgOf } from './service.ts';

/** What is wrong with a target's backends taken together; `problem` is a clause that goes after the field's name. */
export interface BackendsProblem {
  /** `weight`, `others` or `others[1]`. */
  readonly field: string;
  readonly problem: string;
}

/** Checks what no field can by itself: one org, no backend twice, and somebody to connect to. Null where all is right. */
export function backendsProblem(target: Target): BackendsProblem | null {
  const { others } = target;
  if (others.length > MAX_OTHERS) return { field: 'others', problem: `must not be more than ${MAX_OTHERS}` };
  const org = orgOf(target.service);
  const seen = new Set([`${target.service}:${target.backendPort}`]);
  for (const [at, { service, backendPort }] of others.entries()) {
    const field = `others[${at}]`;
    if (orgOf(service) !== org) return { field, problem: 'is of another org than the first backend' };
    const backend = `${service}:${backendPort}`;
    if (seen.has(backend)) return { field, problem: `is named before: ${backend}` };
    seen.add(backend);
  }
  if (target.weight === 0 && others.every(({ weight }) => weight === 0)) {
    return { field: 'weight', problem: 'must be above 0 for one backend at least' };
  }
  return null;
}
