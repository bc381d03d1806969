import { quote, quoteKey } from '../../../config/quote.ts';
import { parseAddress } from '../../model/address.ts';
import type { HostPattern } from '../../model/hostname.ts';
import type { AllowedRoutes, ListenerSpec } from './gateway-schema.ts';
import { ANY_HOST } from './hostname-intersection.ts';
import { type Conflict, listenerConflicts } from './listener-conflicts.ts';
import { GATEWAY_GROUP, type Gateway, type RouteKind } from './read-resources.ts';
import { type Condition, condition, type Refusal, type RouteStatus } from './status.ts';

/** A listener of a Gateway, and what weir makes of it. */
export interface Listener {
  readonly gateway: Gateway;
  readonly name: string;
  readonly port: number;
  /** `*` where it has no hostname. */
  readonly pattern: HostPattern;
  /** Dedicated addresses that its port is bound on; null for those that all orgs share. */
  readonly addresses: readonly (string | null)[];
  readonly allowedRoutes: AllowedRoutes;
  /** The kinds of route that may attach. */
  readonly kinds: readonly RouteKind[];
  /** Why no route can attach; null where one can. */
  readonly refusal: Refusal | null;
}

/** A Gateway's listeners, with the statuses of itself and of each. */
export interface JudgedGateway {
  readonly gateway: Gateway;
  readonly listeners: readonly Listener[];
  readonly statuses: readonly RouteStatus[];
}

/** Decides which listeners of a Gateway weir can serve. */
export function judgeGateway(gateway: Gateway): JudgedGateway {
  const conflicts = listenerConflicts(gateway.spec.listeners);
  const own = gatewayRefusal(gateway);
  const judged = gateway.spec.listeners.map((spec, index) =>
    judgeListener({ gateway, spec, index, gatewayRefusal: own, conflict: conflicts[index] ?? null }),
  );
  const listeners = judged.map(({ listener }) => listener);
  return {
    gateway,
    listeners,
    statuses: [gatewayStatus(gateway, own, listeners), ...judged.map(({ status }) => status)],
  };
}

/** What of the Gateway itself weir cannot honour, and what would be dangerous to pass over. */
function gatewayRefusal({ spec }: Gateway): Refusal | null {
  if (spec.infrastructure?.parametersRef !== undefined) {
    return {
      reason: 'InvalidParameters',
      message: 'spec.infrastructure.parametersRef: weir has no parameters',
    };
  }
  if (spec.tls !== undefined) {
    return {
      reason: 'Invalid',
      message: 'spec.tls: weir never terminates TLS, so it has no certificates to check',
    };
  }
  const addresses = spec.addresses ?? [];
  for (const { type = 'IPAddress', value = '' } of addresses) {
    if (type !== 'IPAddress' || parseAddress(value).kind === 'invalid') {
      const message = `spec.addresses: ${quoteKey(type)} ${quote(value)} is not an IP address, which is all that weir takes`;
      return { reason: 'UnsupportedAddress', message };
    }
  }
  if (addresses.length > 0 && spec.listeners.some(({ protocol }) => protocol.toUpperCase() !== 'TCP')) {
    const message =
      'spec.addresses: only TCP listeners can have addresses of their own; TLS is served on all of them';
    return { reason: 'UnsupportedAddress', message };
  }
  return null;
}

function gatewayStatus(gateway: Gateway, own: Refusal | null, listeners: readonly Listener[]): RouteStatus {
  const refused = listeners.filter(({ refusal }) => refusal !== null).map(({ name }) => name);
  const isAccepted = own === null && refused.length < listeners.length;
  const verdict: Refusal =
    own ??
    (refused.length === 0
      ? { reason: 'Accepted', message: withoutEffect(gateway) }
      : {
          reason: 'ListenersNotValid',
          message: `not accepted: ${refused.map((name) => `listener ${name}`).join(', ')}`,
        });
  return {
    kind: 'Gateway',
    namespace: gateway.namespace,
    name: gateway.name,
    parent: `GatewayClass ${gateway.spec.gatewayClassName}`,
    place: gateway.document.place([]),
    conditions: [condition('Accepted', isAccepted, verdict), programmed(isAccepted)],
  };
}

function withoutEffect({ spec }: Gateway): string {
  const from = spec.allowedListeners?.namespaces?.from ?? 'None';
  const fields = [
    spec.infrastructure === undefined ? [] : ['infrastructure'],
    from === 'None' ? [] : ['allowedListeners'],
  ].flat();
  return fields.length === 0
    ? 'All listeners are served'
    : `All listeners are served; without effect here: ${fields.join(', ')}`;
}

interface ListenerParts {
  readonly gateway: Gateway;
  readonly spec: ListenerSpec;
  readonly index: number;
  readonly gatewayRefusal: Refusal | null;
  readonly conflict: Conflict | null;
}

function judgeListener({ gateway, spec, index, gatewayRefusal: own, conflict }: ListenerParts): {
  readonly listener: Listener;
  readonly status: RouteStatus;
} {
  const protocolRefusal = refusalOf(spec);
  const refusal = own ?? conflict?.refusal ?? protocolRefusal;
  const { kinds, unsupported } = routeKinds(spec, protocolRefusal === null);
  const listener: Listener = {
    gateway,
    name: spec.name,
    port: spec.port,
    pattern: spec.hostname ?? ANY_HOST,
    addresses: addressesOf(gateway),
    allowedRoutes: spec.allowedRoutes ?? {},
    kinds,
    refusal,
  };
  const accepted: Refusal = refusal ?? { reason: 'Accepted', message: servedAs(spec) };
  const conditions = [
    condition('Accepted', refusal === null, accepted),
    condition(
      'Conflicted',
      conflict !== null,
      conflict ?? { reason: 'NoConflicts', message: 'No other listener is in its way' },
    ),
    condition(
      'ResolvedRefs',
      unsupported.length === 0,
      unsupported.length === 0
        ? { reason: 'ResolvedRefs', message: 'All kinds of route that it allows can be served' }
        : {
            reason: 'InvalidRouteKinds',
            message: `cannot serve ${unsupported.join(', ')} with ${spec.protocol}`,
          },
    ),
    programmed(refusal === null),
  ];
  return {
    listener,
    status: {
      kind: 'Listener',
      namespace: gateway.namespace,
      name: spec.name,
      parent: `Gateway ${gateway.namespace}/${gateway.name}`,
      place: gateway.document.place(['spec', 'listeners', index]),
      conditions,
    },
  };
}

/** An empty list asks for none; an address that was written twice is one. */
function addressesOf({ spec }: Gateway): readonly (string | null)[] {
  const named = new Set((spec.addresses ?? []).map(({ value = '' }) => value.toLowerCase()));
  return named.size === 0 ? [null] : [...named];
}

/** `HTTP` is not here: what weir does with it is no HTTPRoute. */
function refusalOf({ protocol, tls }: ListenerSpec): Refusal | null {
  const name = protocol.toUpperCase();
  if (name === 'TCP') return null;
  if (name !== 'TLS') {
    return { reason: 'UnsupportedProtocol', message: `protocol ${protocol}: weir serves TLS and TCP` };
  }
  if (tls?.mode !== 'Passthrough') {
    return {
      reason: 'UnsupportedValue',
      message: 'tls.mode Terminate: weir never terminates TLS; write Passthrough',
    };
  }
  const options = Object.keys(tls.options ?? {});
  if (options.length > 0) {
    return {
      reason: 'UnsupportedValue',
      message: `tls.options: weir does not have ${options.map(quoteKey).join(', ')}`,
    };
  }
  return null;
}

function routeKinds(
  { protocol, allowedRoutes }: ListenerSpec,
  isServed: boolean,
): {
  readonly kinds: readonly RouteKind[];
  readonly unsupported: readonly string[];
} {
  const served: RouteKind | null = !isServed
    ? null
    : protocol.toUpperCase() === 'TCP'
      ? 'TCPRoute'
      : 'TLSRoute';
  const supported = served === null ? [] : [served];
  const asked = allowedRoutes?.kinds ?? [];
  if (asked.length === 0) return { kinds: supported, unsupported: [] };
  const isSupported = ({ group = GATEWAY_GROUP, kind }: (typeof asked)[number]) =>
    group === GATEWAY_GROUP && kind === served;
  return {
    kinds: asked.some(isSupported) ? supported : [],
    unsupported: asked.filter((one) => !isSupported(one)).map(({ kind }) => kind),
  };
}

function servedAs({ protocol, port }: ListenerSpec): string {
  return protocol.toUpperCase() === 'TCP'
    ? `Port ${port} is bound by the route that takes it`
    : `Served where the edges listen for TLS, whichever port that is; ${port} is only compared with parentRefs`;
}

function programmed(isProgrammed: boolean): Condition {
  return condition(
    'Programmed',
    isProgrammed,
    isProgrammed
      ? { reason: 'Programmed', message: 'Its routes are applied' }
      : { reason: 'Invalid', message: 'Nothing is applied for it' },
  );
}
