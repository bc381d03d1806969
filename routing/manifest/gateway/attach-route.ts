import type { HostPattern } from '../../model/hostname.ts';
import { type NamespaceLabels, whyNotAllowed } from './allowed-routes.ts';
import { ANY_HOST, intersect } from './hostname-intersection.ts';
import type { JudgedGateway, Listener } from './judge-gateway.ts';
import { GATEWAY_GROUP, type GatewayRoute } from './read-resources.ts';
import type { ParentRef } from './route-schema.ts';
import type { Refusal } from './status.ts';

/** A hostname of a route that takes effect on a listener. */
interface EffectiveHostname {
  /** What both the listener and the route match. */
  readonly pattern: HostPattern;
  /** As the route has it; `*` where it has none. */
  readonly original: HostPattern;
  /** Its place among the route's hostnames; null where it has none. */
  readonly index: number | null;
}

/** A listener that a route is attached to. */
export interface Attachment {
  readonly listener: Listener;
  /** Empty for a TCPRoute. */
  readonly hostnames: readonly EffectiveHostname[];
}

/** Where a route was let in by one of its parents, or why nowhere. */
export type Attached =
  | { readonly kind: 'attached'; readonly attachments: readonly Attachment[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What a route may attach to. */
export interface Parents {
  /** By `namespace/name`. */
  readonly gateways: ReadonlyMap<string, JudgedGateway>;
  readonly namespaceLabels: NamespaceLabels;
}

/**
 * Attaches a route to the listeners that one `parentRef` means.
 *
 * One listener that lets it in is enough. Where none does, the reason is that of the listener which came closest: no
 * such listener, then not allowed by it, then no hostname in common.
 */
export function attachRoute(route: GatewayRoute, ref: ParentRef, parents: Parents): Attached {
  const { group = GATEWAY_GROUP, kind = 'Gateway', namespace = route.namespace, name } = ref;
  if (group !== GATEWAY_GROUP || kind !== 'Gateway') {
    return refused('NoMatchingParent', `the parent is a ${kind}; weir takes a Gateway`);
  }
  const parent = parents.gateways.get(`${namespace}/${name}`);
  if (parent === undefined) {
    return refused(
      'NoMatchingParent',
      `no valid Gateway ${namespace}/${name} is among the documents; apply it too`,
    );
  }
  const meant = parent.listeners.filter(
    (listener) =>
      (ref.sectionName === undefined || ref.sectionName === listener.name) &&
      (ref.port === undefined || ref.port === listener.port),
  );
  if (meant.length === 0) return refused('NoMatchingParent', noSuchListener(ref, parent));

  const tried = meant.map((listener) => tryListener(route, listener, parents.namespaceLabels));
  const attachments = tried.flatMap((one) => (one.kind === 'attached' ? [one.attachment] : []));
  if (attachments.length > 0) return { kind: 'attached', attachments };
  const refusals = tried.flatMap((one) => (one.kind === 'refused' ? [one.refusal] : []));
  const closest = refusals.filter(({ reason }) => reason === 'NoMatchingListenerHostname');
  const shown = closest.length > 0 ? closest : refusals;
  return refused(
    closest.length > 0 ? 'NoMatchingListenerHostname' : 'NotAllowedByListeners',
    shown.map(({ message }) => message).join('; '),
  );
}

type Tried =
  | { readonly kind: 'attached'; readonly attachment: Attachment }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

function tryListener(route: GatewayRoute, listener: Listener, labels: NamespaceLabels): Tried {
  const not = listener.refusal?.message ?? whyNotAllowed(listener, route, labels);
  if (not !== null) {
    return refused('NotAllowedByListeners', `listener ${listener.name}: ${not}`);
  }
  if (route.kind === 'TCPRoute') return { kind: 'attached', attachment: { listener, hostnames: [] } };
  const hostnames = effectiveHostnames(listener.pattern, route.hostnames);
  if (hostnames.length > 0) return { kind: 'attached', attachment: { listener, hostnames } };
  return refused(
    'NoMatchingListenerHostname',
    `listener ${listener.name} is for ${listener.pattern}, which none of the hostnames lies in`,
  );
}

/** What of a route's hostnames takes effect on a listener; a route without any takes all that the listener has. */
function effectiveHostnames(
  listener: HostPattern,
  hostnames: readonly HostPattern[],
): readonly EffectiveHostname[] {
  if (hostnames.length === 0) return [{ pattern: listener, original: ANY_HOST, index: null }];
  return hostnames.flatMap((original, index) => {
    const pattern = intersect(listener, original);
    return pattern === null ? [] : [{ pattern, original, index }];
  });
}

function noSuchListener({ sectionName, port }: ParentRef, { gateway, listeners }: JudgedGateway): string {
  const asked = [
    sectionName === undefined ? [] : [`the name ${sectionName}`],
    port === undefined ? [] : [`port ${port}`],
  ].flat();
  const there = listeners.map((listener) => `${listener.name} (${listener.port})`).join(', ');
  return `Gateway ${gateway.namespace}/${gateway.name} has no listener with ${asked.join(' and ')}; it has ${there}`;
}

function refused(
  reason: Refusal['reason'],
  message: string,
): { readonly kind: 'refused'; readonly refusal: Refusal } {
  return { kind: 'refused', refusal: { reason, message } };
}
