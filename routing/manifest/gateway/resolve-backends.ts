import type { BackendInput, ServiceInput } from '../../control/inputs.ts';
import { parseName } from '../../model/name.ts';
import type { ManifestProblem, Path } from '../document.ts';
import { problemAt } from '../validate.ts';
import type { GatewayRoute } from './read-resources.ts';
import type { BackendRef } from './route-schema.ts';
import { type Condition, condition, type Refusal } from './status.ts';

/** The env of a Service's name that has none. */
const DEFAULT_ENV = 'production';
/** The process type of a Service's name that has none. */
const DEFAULT_PROCESS = 'web';

/** Where a route's connections go, as the commands take it. */
export interface TargetInput extends ServiceInput {
  readonly backendPort: number;
  readonly weight: number;
  readonly others: readonly BackendInput[];
  readonly proxyProtocol: string;
}

/** A route's backends; `target` is null where one of them cannot be meant, as `condition` or `problems` say. */
export interface ResolvedBackends {
  readonly target: TargetInput | null;
  readonly condition: Condition;
  readonly problems: readonly ManifestProblem[];
}

/** Whether a service is known; it may also come later. */
export type HasService = (org: string, app: string, env: string, process: string) => boolean;

/**
 * Reads `backendRefs` as services: the namespace is the org, and the name is `APP`, `APP.ENV` or `APP.ENV.PROCESS`.
 *
 * All backends of a route are of its own org: a ReferenceGrant does not change that.
 */
export function resolveBackends(route: GatewayRoute, hasService: HasService | null): ResolvedBackends {
  const refs = route.backendRefs[0] ?? [];
  const refusal = refs.map((ref) => refRefusal(route, ref)).find((found) => found !== null) ?? null;
  if (refusal !== null) {
    return { target: null, condition: condition('ResolvedRefs', false, refusal), problems: [] };
  }
  const parsed = refs.map((ref, index) => parseRef(route, ref, index));
  const problems = parsed.flatMap((one) => (one.kind === 'invalid' ? one.problems : []));
  const [first, ...others] = parsed.flatMap((one) => (one.kind === 'ok' ? [one.backend] : []));
  if (problems.length > 0 || first === undefined) {
    return { target: null, condition: RESOLVED, problems };
  }
  const unknown = [first, ...others].filter(
    ({ app, env, process }) => hasService !== null && !hasService(route.namespace, app, env, process),
  );
  return {
    target: { org: route.namespace, ...first, others, proxyProtocol: route.proxyProtocol },
    condition: unknown.length === 0 ? RESOLVED : notFound(route, unknown),
    problems: [],
  };
}

/** The place in a route's document that a field of its target came from; null for other fields. */
export function targetPath(field: string): Path | null {
  const other = /^others(?:\.|\[)(\d+)\]?(?:\.(.*))?$/.exec(field);
  if (other !== null) return [...backendPath(Number(other[1]) + 1), ...partOf(other[2] ?? '')];
  switch (field) {
    case 'org':
      return ['metadata', 'namespace'];
    case 'others':
      return ['spec', 'rules', 0, 'backendRefs'];
    case 'service':
    case 'app':
    case 'env':
    case 'process':
    case 'backendPort':
    case 'weight':
      return [...backendPath(0), ...partOf(field)];
    default:
      return null;
  }
}

const RESOLVED = condition('ResolvedRefs', true, {
  reason: 'ResolvedRefs',
  message: 'All backends can be referred to',
});

type Backend = BackendInput & { readonly backendPort: number; readonly weight: number };

function refRefusal(
  route: GatewayRoute,
  { group = '', kind = 'Service', namespace, name }: BackendRef,
): Refusal | null {
  if (group !== '' || kind !== 'Service') {
    const message = `backend ${name} is a ${group === '' ? kind : `${kind} of ${group}`}; weir takes a Service`;
    return { reason: 'InvalidKind', message };
  }
  if (namespace === undefined || namespace === route.namespace) return null;
  const message =
    `backend ${namespace}/${name} is of another org; all backends of a route are of its own, ${route.namespace}, ` +
    'and no ReferenceGrant changes that';
  return { reason: 'RefNotPermitted', message };
}

type ParsedRef =
  | { readonly kind: 'ok'; readonly backend: Backend }
  | { readonly kind: 'invalid'; readonly problems: readonly ManifestProblem[] };

function parseRef(
  { document }: GatewayRoute,
  { name, port, weight = 1 }: BackendRef,
  index: number,
): ParsedRef {
  const path = backendPath(index);
  const problems: ManifestProblem[] = [];
  const [app = '', env = DEFAULT_ENV, process = DEFAULT_PROCESS, ...rest] = name.split('.');
  if (rest.length > 0 || [app, env, process].some((part) => parseName(part).kind === 'invalid')) {
    const problem = 'has to be APP, APP.ENV or APP.ENV.PROCESS, each of up to 63 characters';
    problems.push(problemAt(document, [...path, 'name'], problem));
  }
  if (port === undefined) {
    problems.push(problemAt(document, [...path, 'port'], 'is required for a Service'));
    return { kind: 'invalid', problems };
  }
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'ok', backend: { app, env, process, backendPort: port, weight } };
}

function notFound({ namespace }: GatewayRoute, unknown: readonly Backend[]): Condition {
  const names = unknown.map(({ app, env, process }) => `${namespace}/${app}/${env}/${process}`);
  const message = `nothing is known of ${names.join(', ')} yet; until an endpoint is there, other backends get its connections, or they are refused`;
  return condition('ResolvedRefs', false, { reason: 'BackendNotFound', message });
}

function backendPath(index: number): Path {
  return ['spec', 'rules', 0, 'backendRefs', index];
}

function partOf(field: string): Path {
  if (field === 'backendPort') return ['port'];
  if (field === 'weight') return ['weight'];
  return field === '' ? [] : ['name'];
}
