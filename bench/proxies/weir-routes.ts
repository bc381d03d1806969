import type { CommandResult, Control } from '../../routing/control/control.ts';
import type { RouteView } from '../../routing/control/views.ts';

/** One service with one endpoint on 127.0.0.1; every route of a benchmark points at it, each at its own port. */
export const SERVICE = { org: 'bench', app: 'bench', env: 'bench', process: 'backend' } as const;

export const META = { actor: 'bench' } as const;

/** The service, and the names below `bench.test` for it. */
export async function reportBackend(control: Control): Promise<void> {
  const claim = { domain: 'bench.test', org: SERVICE.org, isTrusted: true };
  carriedOut(await control.claimDomain(claim, META));
  carriedOut(await control.reportEndpoint({ ...SERVICE, instance: 'one', address: '127.0.0.1' }, META));
}

export async function createTlsRoute(
  control: Control,
  hostname: string,
  backendPort: number,
): Promise<RouteView> {
  return carriedOut(await control.createRoute({ ...SERVICE, hostname, listener: 'tls', backendPort }, META));
}

/** What a command answered; throws where it was not carried out. */
export function carriedOut<Value>(result: CommandResult<Value>): Value {
  switch (result.kind) {
    case 'ok':
      return result.value;
    case 'not-found':
    case 'conflict':
    case 'not-allowed':
      throw new Error(result.message);
    case 'invalid':
      throw new Error(result.problems.map(({ field, problem }) => `${field} ${problem}`).join('; '));
    default:
      return result satisfies never;
  }
}
