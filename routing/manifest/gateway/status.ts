import type { Place } from '../document.ts';

/** The conditions of the Gateway API that weir reports; `Conflicted` of routes is weir's own. */
export type ConditionType = 'Accepted' | 'ResolvedRefs' | 'Conflicted' | 'Programmed';

/** The reasons, in the words of the Gateway API. */
type Reason =
  | 'Accepted'
  | 'ListenersNotValid'
  | 'UnsupportedAddress'
  | 'InvalidParameters'
  | 'Invalid'
  | 'UnsupportedProtocol'
  | 'UnsupportedValue'
  | 'NotAllowedByListeners'
  | 'NoMatchingListenerHostname'
  | 'NoMatchingParent'
  | 'ResolvedRefs'
  | 'InvalidRouteKinds'
  | 'InvalidKind'
  | 'RefNotPermitted'
  | 'BackendNotFound'
  | 'NoConflicts'
  | 'HostnameConflict'
  | 'ProtocolConflict'
  | 'PortConflict'
  | 'Programmed';

/** What is so of a resource, or is not, and why; `message` is a sentence without its full stop. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False';
  readonly reason: Reason;
  readonly message: string;
}

/**
 * How a Gateway, one of its listeners, or a route at one of its parents fared.
 *
 * A Gateway's parent is its GatewayClass, a listener's its Gateway, and a route has one status for each `parentRef`.
 */
export interface RouteStatus {
  readonly kind: 'Gateway' | 'Listener' | 'TLSRoute' | 'TCPRoute';
  readonly namespace: string;
  readonly name: string;
  /** `Gateway infra/edge, listener tls`. */
  readonly parent: string;
  /** Of the listener, or of the `parentRef`. */
  readonly place: Place;
  readonly conditions: readonly Condition[];
}

/** Why something is not accepted. */
export interface Refusal {
  readonly reason: Reason;
  readonly message: string;
}

/** Makes a condition. */
export function condition(type: ConditionType, isTrue: boolean, { reason, message }: Refusal): Condition {
  return { type, status: isTrue ? 'True' : 'False', reason, message };
}

/**
 * Whether everything that was asked for can be done, so that all of it may be applied.
 *
 * Not a hindrance: a listener that is not accepted, as long as its Gateway is and no route needs it; a route that lost
 * its hostname to another, since the standard has an order for that; a backend that is not there yet.
 */
export function isAccepted(statuses: readonly RouteStatus[]): boolean {
  return !statuses.some(({ kind, conditions }) => kind !== 'Listener' && conditions.some(isHindrance));
}

/** Whether a condition of a Gateway or a route keeps what was asked for from being applied. */
export function isHindrance({ type, status, reason }: Condition): boolean {
  if (status === 'True') return false;
  return type === 'Accepted' || (type === 'ResolvedRefs' && reason !== 'BackendNotFound');
}
