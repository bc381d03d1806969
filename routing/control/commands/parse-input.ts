import { type Address, parseAddress, parseIpv4Address } from '../../model/address.ts';
import { type AlpnProtocol, alpnProblem, parseAlpnProtocol } from '../../model/alpn.ts';
import { ENDPOINT_STATES, type EndpointState } from '../../model/endpoint.ts';
import { parseHostPattern } from '../../model/hostname.ts';
import { type Name, parseName } from '../../model/name.ts';
import { invalid, ok, type Parsed } from '../../model/parsed.ts';
import type { Port } from '../../model/port.ts';
import { type ProxyTlv, parseProxyTlvs } from '../../model/proxy-tlv.ts';
import {
  type Backend,
  type PortPlace,
  PROXY_PROTOCOLS,
  type ProxyProtocol,
  ROUTE_LISTENERS,
  type Route,
  type RoutePlace,
} from '../../model/route.ts';
import { type Service, serviceKey } from '../../model/service.ts';
import { flag, oneOf } from '../../model/shape.ts';
import { DEFAULT_WEIGHT, type Weight } from '../../model/weight.ts';
import type { EndpointReport, PortPool } from '../events/event.ts';
import type {
  EndpointInput,
  PortInput,
  PortName,
  PortPoolInput,
  RouteInput,
  RouteName,
  RouteUpdate,
  ServiceInput,
} from '../inputs.ts';
import {
  backendsOf,
  checkTarget,
  type OtherBackend,
  parseOthers,
  parseWeightField,
} from './parse-backends.ts';
import {
  type Fields,
  fieldsOf,
  joinFields,
  optional,
  parseFields,
  parsePortField,
  required,
} from './parse-fields.ts';

/** What of a route is to change; null stays. */
export interface RoutePatch extends RoutePlace {
  readonly service: { readonly [Field in keyof Service]: Name | null };
  readonly backendPort: Port | null;
  readonly weight: Weight | null;
  readonly others: readonly OtherBackend[] | null;
  readonly proxyProtocol: ProxyProtocol | null;
  readonly proxyTlvs: readonly ProxyTlv[] | null;
  readonly redirectToHttps: boolean | null;
}

/** A port to bind; the lowest free one of the shared addresses where `port` is null. */
export interface PortRequest {
  readonly address: Address | null;
  readonly port: Port | null;
  readonly service: Service;
  readonly backendPort: Port;
  readonly weight: Weight;
  readonly others: readonly Backend[];
  readonly proxyProtocol: ProxyProtocol;
  readonly proxyTlvs: readonly ProxyTlv[];
}

/** A report whose address may have to be taken from the one before. */
export interface EndpointRequest extends Omit<EndpointReport, 'address'> {
  readonly address: Address | null;
}

/** Which route is meant. */
export function parseRouteName(input: RouteName): Fields<RoutePlace> {
  const fields = parseFields(routeNameFields(input));
  if (fields.kind === 'invalid') return fields;
  const { listener, hostname, alpn } = fields.value;
  return fieldsOf({ listener, pattern: hostname, alpn });
}

/** Parses a route to create. */
export function parseRouteInput(input: RouteInput): Fields<Route> {
  const own = parseFields({
    ...routeNameFields(input),
    ...serviceFields(input),
    backendPort: parsePortField(input.backendPort),
    weight: parseWeightField(input.weight, DEFAULT_WEIGHT),
    proxyProtocol: optional(input.proxyProtocol, 'none' as const, oneOf(PROXY_PROTOCOLS)),
    proxyTlvs: optional(input.proxyTlvs, [], parseProxyTlvs),
    redirectToHttps: redirect(input, false),
  });
  const fields = joinFields(own, parseOthers(input.others, []));
  if (fields.kind === 'invalid') return fields;
  const { listener, hostname, alpn, org, app, env, process, others, ...target } = fields.value;
  return checkTarget({
    listener,
    pattern: hostname,
    alpn,
    service: serviceKey({ org, app, env, process }),
    others: backendsOf(org, others),
    ...target,
  });
}

/** Parses what is to change; absent fields are null. */
export function parseRouteUpdate(input: RouteUpdate): Fields<RoutePatch> {
  const name = (part: string | undefined) => optional(part, null, (given) => required(given, parseName));
  const own = parseFields({
    ...routeNameFields(input),
    org: name(input.org),
    app: name(input.app),
    env: name(input.env),
    process: name(input.process),
    backendPort: optional(input.backendPort, null, parsePortField),
    weight: parseWeightField(input.weight, null),
    proxyProtocol: optional(input.proxyProtocol, null, oneOf(PROXY_PROTOCOLS)),
    proxyTlvs: optional(input.proxyTlvs, null, parseProxyTlvs),
    redirectToHttps: redirect(input, null),
  });
  const fields = joinFields(own, parseOthers(input.others, null));
  if (fields.kind === 'invalid') return fields;
  const { listener, hostname, alpn, org, app, env, process, ...target } = fields.value;
  const service = { org, app, env, process };
  return fieldsOf({ listener, pattern: hostname, alpn, service, ...target });
}

/** Parses a port to allocate. */
export function parsePortInput(input: PortInput): Fields<PortRequest> {
  const own = parseFields({
    port: portFor(input),
    address: optionalAddress(input),
    ...serviceFields(input),
    backendPort: parsePortField(input.backendPort),
    weight: parseWeightField(input.weight, DEFAULT_WEIGHT),
    proxyProtocol: optional(input.proxyProtocol, 'none' as const, oneOf(PROXY_PROTOCOLS)),
    proxyTlvs: optional(input.proxyTlvs, [], parseProxyTlvs),
  });
  const fields = joinFields(own, parseOthers(input.others, []));
  if (fields.kind === 'invalid') return fields;
  const { org, app, env, process, others: asked, ...rest } = fields.value;
  const service = { org, app, env, process };
  const others = backendsOf(org, asked);
  const checked = checkTarget({ ...rest, service: serviceKey(service), others });
  return checked.kind === 'ok' ? fieldsOf({ ...rest, service, others }) : checked;
}

/** Parses which port is meant. */
export function parsePortName(input: PortName): Fields<PortPlace> {
  return parseFields({ port: parsePortField(input.port), address: optionalAddress(input) });
}

/** Parses the pool of ports. */
export function parsePortPool(input: PortPoolInput): Fields<PortPool> {
  const first = parsePortField(input.first);
  const last = parsePortField(input.last);
  const isReversed = first.kind === 'ok' && last.kind === 'ok' && last.value < first.value;
  return parseFields({ first, last: isReversed ? invalid('must not be below the first') : last });
}

/** Parses a report; its address may be absent where the instance is gone. */
export function parseEndpointInput(input: EndpointInput): Fields<EndpointRequest> {
  const state = optional(input.state, 'ready' as const, oneOf(ENDPOINT_STATES));
  const fields = parseFields({
    ...serviceFields(input),
    instance: required(input.instance, parseName),
    address: addressFor(input, state),
    state,
  });
  if (fields.kind === 'invalid') return fields;
  const { org, app, env, process, ...rest } = fields.value;
  return fieldsOf({ service: serviceKey({ org, app, env, process }), ...rest });
}

function routeNameFields(input: RouteName) {
  return {
    hostname: required(input.hostname, parseHostPattern),
    listener: optional(input.listener, 'tls' as const, oneOf(ROUTE_LISTENERS)),
    alpn: alpnOf(input),
  };
}

function alpnOf({ listener = 'tls', alpn }: RouteName): Parsed<AlpnProtocol | null> {
  const parsed = optional(alpn, null, (given) => required(given, parseAlpnProtocol));
  const problem = parsed.kind === 'ok' ? alpnProblem({ listener, alpn: parsed.value }) : null;
  return problem === null ? parsed : invalid(problem.problem);
}

function serviceFields(input: ServiceInput) {
  return {
    org: required(input.org, parseName),
    app: required(input.app, parseName),
    env: required(input.env, parseName),
    process: required(input.process, parseName),
  };
}

function redirect<Absent>(input: RouteName & { readonly redirectToHttps?: unknown }, absent: Absent) {
  if (input.redirectToHttps === true && input.listener !== 'http') {
    return invalid('is possible on the http listener only');
  }
  return optional(input.redirectToHttps, absent, flag);
}

function addressFor(input: EndpointInput, state: Parsed<EndpointState>): Parsed<Address | null> {
  const isGone = state.kind === 'ok' && state.value === 'gone';
  if (isGone && input.address === undefined) return ok(null);
  return required(input.address, parseAddress);
}

function optionalAddress(input: { readonly address?: unknown }): Parsed<Address | null> {
  return optional(input.address, null, (given) => required(given, parseIpv4Address));
}

/** The pool is of the shared addresses: on a dedicated one there is nothing to choose from. */
function portFor({ port, address }: PortInput): Parsed<Port | null> {
  if (port === undefined && address !== undefined) return invalid('is required with a dedicated address');
  return optional(port, null, parsePortField);
}
