import { type Address, parseAddress } from '../../model/address.ts';
import { ENDPOINT_STATES, type EndpointState } from '../../model/endpoint.ts';
import { type HostPattern, parseHostPattern } from '../../model/hostname.ts';
import { type Name, parseName } from '../../model/name.ts';
import { invalid, ok, type Parsed } from '../../model/parsed.ts';
import { type Port, parsePort } from '../../model/port.ts';
import {
  PROXY_PROTOCOLS,
  type ProxyProtocol,
  ROUTE_LISTENERS,
  type Route,
  type RouteListener,
} from '../../model/route.ts';
import { type Service, serviceKey } from '../../model/service.ts';
import { flag, oneOf } from '../../model/shape.ts';
import type { EndpointReport, PortPool } from '../events/event.ts';
import type {
  EndpointInput,
  PortInput,
  PortPoolInput,
  RouteInput,
  RouteName,
  RouteUpdate,
  ServiceInput,
} from '../inputs.ts';
import { type Fields, fieldsOf, optional, parseFields, required } from './parse-fields.ts';

/** Which route is meant. */
export interface RouteIdentity {
  readonly listener: RouteListener;
  readonly pattern: HostPattern;
}

/** What of a route is to change; null stays. */
export interface RoutePatch extends RouteIdentity {
  readonly service: { readonly [Field in keyof Service]: Name | null };
  readonly backendPort: Port | null;
  readonly proxyProtocol: ProxyProtocol | null;
  readonly redirectToHttps: boolean | null;
}

/** A port to bind; the lowest free one where `port` is null. */
export interface PortRequest {
  readonly port: Port | null;
  readonly service: Service;
  readonly backendPort: Port;
  readonly proxyProtocol: ProxyProtocol;
}

/** A report whose address may have to be taken from the one before. */
export interface EndpointRequest extends Omit<EndpointReport, 'address'> {
  readonly address: Address | null;
}

/** Which route is meant. */
export function parseRouteName(input: RouteName): Fields<RouteIdentity> {
  const fields = parseFields(routeNameFields(input));
  if (fields.kind === 'invalid') return fields;
  return fieldsOf({ listener: fields.value.listener, pattern: fields.value.hostname });
}

/** Parses a route to create. */
export function parseRouteInput(input: RouteInput): Fields<Route> {
  const fields = parseFields({
    ...routeNameFields(input),
    ...serviceFields(input),
    backendPort: port(input.backendPort),
    proxyProtocol: optional(input.proxyProtocol, 'none' as const, oneOf(PROXY_PROTOCOLS)),
    redirectToHttps: redirect(input, false),
  });
  if (fields.kind === 'invalid') return fields;
  const { listener, hostname, org, app, env, process, ...target } = fields.value;
  return fieldsOf({
    listener,
    pattern: hostname,
    service: serviceKey({ org, app, env, process }),
    ...target,
  });
}

/** Parses what is to change; absent fields are null. */
export function parseRouteUpdate(input: RouteUpdate): Fields<RoutePatch> {
  const name = (part: string | undefined) => optional(part, null, (given) => required(given, parseName));
  const fields = parseFields({
    ...routeNameFields(input),
    org: name(input.org),
    app: name(input.app),
    env: name(input.env),
    process: name(input.process),
    backendPort: optional(input.backendPort, null, port),
    proxyProtocol: optional(input.proxyProtocol, null, oneOf(PROXY_PROTOCOLS)),
    redirectToHttps: redirect(input, null),
  });
  if (fields.kind === 'invalid') return fields;
  const { listener, hostname, org, app, env, process, ...target } = fields.value;
  return fieldsOf({ listener, pattern: hostname, service: { org, app, env, process }, ...target });
}

/** Parses a port to allocate. */
export function parsePortInput(input: PortInput): Fields<PortRequest> {
  const fields = parseFields({
    port: optional(input.port, null, port),
    ...serviceFields(input),
    backendPort: port(input.backendPort),
    proxyProtocol: optional(input.proxyProtocol, 'none' as const, oneOf(PROXY_PROTOCOLS)),
  });
  if (fields.kind === 'invalid') return fields;
  const { org, app, env, process, ...rest } = fields.value;
  return fieldsOf({ service: { org, app, env, process }, ...rest });
}

/** Parses which port is meant. */
export function parsePortNumber(input: { readonly port: string | number }): Fields<{ readonly port: Port }> {
  return parseFields({ port: port(input.port) });
}

/** Parses the pool of ports. */
export function parsePortPool(input: PortPoolInput): Fields<PortPool> {
  const first = port(input.first);
  const last = port(input.last);
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
  };
}

function serviceFields(input: ServiceInput) {
  return {
    org: required(input.org, parseName),
    app: required(input.app, parseName),
    env: required(input.env, parseName),
    process: required(input.process, parseName),
  };
}

function port(input: unknown): Parsed<Port> {
  if (input === undefined || input === null || input === '') return invalid('is required');
  return parsePort(typeof input === 'number' ? input : String(input));
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
