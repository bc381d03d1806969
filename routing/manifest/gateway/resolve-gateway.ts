import type { Wanted } from '../../control/wanted.ts';
import type { Desired } from '../desired.ts';
import type { ManifestDocument, ManifestProblem, Path } from '../document.ts';
import { type Attached, type Attachment, attachRoute, type Parents } from './attach-route.ts';
import { ANY_HOST } from './hostname-intersection.ts';
import { judgeGateway } from './judge-gateway.ts';
import { type Claim, winners } from './precedence.ts';
import { type GatewayRoute, readResources } from './read-resources.ts';
import {
  type HasService,
  type ResolvedBackends,
  resolveBackends,
  type TargetInput,
  targetPath,
} from './resolve-backends.ts';
import { PROXY_PROTOCOL_ANNOTATION } from './route-schema.ts';
import { type JudgedParent, routeStatuses } from './route-statuses.ts';
import type { RouteStatus } from './status.ts';

/** What resolving needs to know beside the documents. */
export interface GatewayContext {
  /** The org that is applied for, and so of the routes without a namespace; null where each names its own. */
  readonly org: string | null;
  /** For `BackendNotFound` alone: such a route is applied all the same. @default every service is taken as known */
  readonly hasService?: HasService | undefined;
}

/** What the Gateway API's documents among some amount to. */
export interface ResolvedGateway {
  /** Everything that is accepted; whether it may be applied is what `isAccepted` says of the statuses. */
  readonly desired: readonly Desired[];
  /** Of the Gateways, their listeners, and each route at each of its parents, in the order of the documents. */
  readonly statuses: readonly RouteStatus[];
  /** What is not valid, as an API server would refuse it. */
  readonly problems: readonly ManifestProblem[];
}

/**
 * Resolves Gateways, TLSRoutes and TCPRoutes to weir's routes and ports; other groups' documents are passed over.
 *
 * A TLSRoute becomes a route on the `tls` listeners for each hostname that it has in common with a listener of its
 * parents, a TCPRoute becomes the binding of the port of each TCP listener.
 */
export function resolveGateway(
  documents: readonly ManifestDocument[],
  context: GatewayContext,
): ResolvedGateway {
  const { gateways, routes, namespaceLabels, problems } = readResources(documents, context.org);
  const judged = gateways.map(judgeGateway);
  const parents: Parents = {
    gateways: new Map(judged.map((one) => [`${one.gateway.namespace}/${one.gateway.name}`, one])),
    namespaceLabels,
  };
  const judgedRoutes = routes.map((route) => judgeRoute(route, parents, context.hasService ?? null));

  const claims = judgedRoutes.flatMap(({ parents: refs }) => refs.flatMap((parent) => parent.claims));
  const won = winners(claims);
  return {
    desired: [...won.values()].map(({ desired }) => desired),
    statuses: [
      ...judged.flatMap(({ statuses }) => statuses),
      ...judgedRoutes.flatMap((one) => routeStatuses({ ...one, winners: won })),
    ],
    problems: [...problems, ...judgedRoutes.flatMap(({ backends }) => backends.problems)],
  };
}

/** A claim and what it leads to where it wins. */
interface DesiredClaim extends Claim {
  readonly desired: Desired;
}

interface JudgedRoute {
  readonly route: GatewayRoute;
  readonly backends: ResolvedBackends;
  readonly parents: readonly JudgedParent<DesiredClaim>[];
}

function judgeRoute(route: GatewayRoute, parents: Parents, hasService: HasService | null): JudgedRoute {
  const backends = resolveBackends(route, hasService);
  const judged = route.parentRefs.map((ref, index) => {
    const attached = withOneRule(route, attachRoute(route, ref, parents));
    const { target } = backends;
    if (attached.kind === 'refused' || target === null) return { ref, index, attached, claims: [] };
    const claims = attached.attachments.flatMap((attachment) =>
      claimsOf({ route, target, attachment, parent: index }),
    );
    return { ref, index, attached, claims };
  });
  return { route, backends, parents: judged };
}

/** Since nothing tells the rules of such a route apart, `v1` allows one; what older versions meant by more is not said. */
function withOneRule({ backendRefs }: GatewayRoute, attached: Attached): Attached {
  if (attached.kind === 'refused' || backendRefs.length === 1) return attached;
  const message = `has ${backendRefs.length} rules, and only the first could ever match; write one`;
  return { kind: 'refused', refusal: { reason: 'UnsupportedValue', message } };
}

interface ClaimParts {
  readonly route: GatewayRoute;
  readonly target: TargetInput;
  readonly attachment: Attachment;
  /** Which of the route's `parentRefs`. */
  readonly parent: number;
}

function claimsOf(parts: ClaimParts): readonly DesiredClaim[] {
  return parts.route.kind === 'TLSRoute' ? hostnameClaims(parts) : portClaims(parts);
}

function hostnameClaims({ route, target, attachment, parent }: ClaimParts): readonly DesiredClaim[] {
  return attachment.hostnames.map(({ pattern, original, index }) => ({
    key: `tls/${pattern}`,
    route,
    listener: attachment.listener.pattern,
    original,
    desired: desired(
      route,
      { kind: 'route', input: { ...target, hostname: pattern, listener: 'tls' } },
      index === null ? ['spec', 'parentRefs', parent] : ['spec', 'hostnames', index],
    ),
  }));
}

function portClaims({
  route,
  target,
  attachment: { listener },
  parent,
}: ClaimParts): readonly DesiredClaim[] {
  const { port } = listener;
  return listener.addresses.map((address) => ({
    key: address === null ? `port/${port}` : `port/${address}:${port}`,
    route,
    listener: ANY_HOST,
    original: ANY_HOST,
    desired: desired(
      route,
      { kind: 'port', input: address === null ? { ...target, port } : { ...target, port, address } },
      ['spec', 'parentRefs', parent],
    ),
  }));
}

/** `bound` is where the hostname, the port or the address was said. */
function desired({ document }: GatewayRoute, wanted: Wanted, bound: Path): Desired {
  const pathOf = (field: string): Path => {
    if (field === 'proxyProtocol') return ['metadata', 'annotations', PROXY_PROTOCOL_ANNOTATION];
    return targetPath(field) ?? bound;
  };
  return { wanted, document, pathOf };
}
