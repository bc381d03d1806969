import { parseServiceKey } from '../model/service.ts';
import type { BackendView } from './views.ts';

/** The backends beside the first, as callers see them: without the org, which is that of the first. */
export function backendViews(
  others: readonly { readonly service: string; readonly backendPort: number; readonly weight: number }[],
): readonly BackendView[] {
  return others.map(({ service: key, backendPort, weight }) => {
    const service = parseServiceKey(key);
    if (service.kind === 'invalid') throw new Error(`the service key ${key} ${service.problem}`);
    const { app, env, process } = service.value;
    return { app, env, process, backendPort, weight };
  });
}
