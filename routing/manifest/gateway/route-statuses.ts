import type { Attached } from './attach-route.ts';
import { type Claim, whyBefore } from './precedence.ts';
import type { GatewayRoute } from './read-resources.ts';
import type { ResolvedBackends } from './resolve-backends.ts';
import type { ParentRef } from './route-schema.ts';
import { type Condition, condition, type RouteStatus } from './status.ts';

/** How a route fared at one of its parents. */
export interface JudgedParent<One extends Claim> {
  readonly ref: ParentRef;
  /** Among the route's `parentRefs`. */
  readonly index: number;
  readonly attached: Attached;
  readonly claims: readonly One[];
}

/** A route, how it fared everywhere, and who got what. */
export interface RouteVerdict {
  readonly route: GatewayRoute;
  readonly backends: ResolvedBackends;
  readonly parents: readonly JudgedParent<Claim>[];
  readonly winners: ReadonlyMap<string, Claim>;
}

/** How many names a message shows of a list without end. */
const MAX_SHOWN = 5;

/** The status of a route at each of its parents; one for a route without any, so that it does not go unnoticed. */
export function routeStatuses({ route, backends, parents, winners }: RouteVerdict): readonly RouteStatus[] {
  const { kind, namespace, name, document } = route;
  if (parents.length === 0) {
    const message = 'spec.parentRefs names no Gateway, so the route is nowhere';
    const conditions = [
      condition('Accepted', false, { reason: 'NoMatchingParent', message }),
      backends.condition,
    ];
    return [{ kind, namespace, name, parent: 'none', place: document.place(['spec']), conditions }];
  }
  return parents.map((parent) => ({
    kind,
    namespace,
    name,
    parent: parentText(route, parent.ref),
    place: document.place(['spec', 'parentRefs', parent.index]),
    conditions: [accepted(route, backends, parent), backends.condition, conflicted(parent, winners)],
  }));
}

function parentText(route: GatewayRoute, ref: ParentRef): string {
  const { kind = 'Gateway', namespace = route.namespace, name, sectionName, port } = ref;
  return [
    `${kind} ${namespace}/${name}`,
    ...(sectionName === undefined ? [] : [`listener ${sectionName}`]),
    ...(port === undefined ? [] : [`port ${port}`]),
  ].join(', ');
}

function accepted(
  route: GatewayRoute,
  { target }: ResolvedBackends,
  { attached }: JudgedParent<Claim>,
): Condition {
  if (attached.kind === 'refused') return condition('Accepted', false, attached.refusal);
  const parts = [
    attachedTo(route, attached),
    ...(target !== null && [target, ...target.others].every(({ weight }) => weight === 0)
      ? ['all weights are 0, so every connection is refused']
      : []),
  ];
  return condition('Accepted', true, { reason: 'Accepted', message: parts.join('; ') });
}

function attachedTo(
  { kind, hostnames }: GatewayRoute,
  { attachments }: Extract<Attached, { readonly kind: 'attached' }>,
): string {
  if (kind === 'TCPRoute') return `port ${attachments.map(({ listener }) => listener.port).join(', ')}`;
  const effective = attachments.flatMap((attachment) => attachment.hostnames);
  const used = new Set(effective.map(({ index }) => index));
  const ignored = hostnames.filter((_, index) => !used.has(index));
  const names = shortList([...new Set(effective.map(({ pattern }) => pattern))]);
  return ignored.length === 0 ? names : `${names}; in no listener: ${shortList(ignored)}`;
}

/** A listener's conditions have no word for it, so this one is weir's: the standard accepts the loser without a sign. */
function conflicted({ claims }: JudgedParent<Claim>, winners: ReadonlyMap<string, Claim>): Condition {
  const lost = claims.flatMap((claim) => {
    const winner = winners.get(claim.key);
    if (winner === undefined || winner.route === claim.route) return [];
    const { namespace, name } = winner.route;
    return [
      `${claim.key.slice(claim.key.indexOf('/') + 1)} goes to ${namespace}/${name}, ${whyBefore(winner, claim)}`,
    ];
  });
  if (lost.length === 0) {
    return condition('Conflicted', false, { reason: 'NoConflicts', message: 'No other route is in its way' });
  }
  const reason = claims[0]?.route.kind === 'TCPRoute' ? 'PortConflict' : 'HostnameConflict';
  return condition('Conflicted', true, { reason, message: shortList([...new Set(lost)]) });
}

function shortList(items: readonly string[]): string {
  const rest = items.length - MAX_SHOWN;
  return rest <= 0 ? items.join(', ') : `${items.slice(0, MAX_SHOWN).join(', ')} and ${rest} more`;
}
