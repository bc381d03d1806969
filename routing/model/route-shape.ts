import { parseIpv4Address } from './address.ts';
import { alpnProblem, parseAlpnProtocol } from './alpn.ts';
import { backendsProblem } from './backends.ts';
import { parseHostPattern } from './hostname.ts';
import { invalid, ok, type Parsed } from './parsed.ts';
import { parsePort } from './port.ts';
import { parseProxyTlvs } from './proxy-tlv.ts';
import {
  type Backend,
  type PortBinding,
  PROXY_PROTOCOLS,
  ROUTE_LISTENERS,
  type Route,
  type Target,
} from './route.ts';
import { parseServiceKey, type ServiceKey, serviceKey } from './service.ts';
import { decodeFields, flag, list, number, oneOf, orNull, type Shape, text } from './shape.ts';
import { parseWeight } from './weight.ts';

/** `org/app/env/process`, as it stands in events and rows. */
export function parseServiceText(input: string): Parsed<ServiceKey> {
  const service = parseServiceKey(input);
  return service.kind === 'ok' ? ok(serviceKey(service.value)) : service;
}

const BACKEND: Shape<Backend> = {
  service: text(parseServiceText),
  backendPort: number(parsePort),
  weight: number(parseWeight),
};

const TARGET: Shape<Target> = {
  ...BACKEND,
  others: list((backend) => decodeFields(backend, BACKEND)),
  proxyProtocol: oneOf(PROXY_PROTOCOLS),
  proxyTlvs: parseProxyTlvs,
};

/** A route's fields in JSON; what they have to be together is `checkRoute`'s. */
export const ROUTE: Shape<Route> = {
  listener: oneOf(ROUTE_LISTENERS),
  pattern: text(parseHostPattern),
  alpn: orNull(text(parseAlpnProtocol)),
  redirectToHttps: flag,
  ...TARGET,
};

/** A raw TCP port's fields in JSON; what they have to be together is `checkTarget`'s. */
export const PORT_BINDING: Shape<PortBinding> = {
  address: orNull(text(parseIpv4Address)),
  port: number(parsePort),
  ...TARGET,
};

/** Checks a decoded route as a whole. */
export function checkRoute(decoded: Parsed<Route>): Parsed<Route> {
  const problem = decoded.kind === 'ok' ? alpnProblem(decoded.value) : null;
  return problem === null ? checkTarget(decoded) : invalid(`${problem.field} ${problem.problem}`);
}

/** Checks what was decoded by one of the shapes as a whole. */
export function checkTarget<Value extends Target>(decoded: Parsed<Value>): Parsed<Value> {
  const problem = decoded.kind === 'ok' ? backendsProblem(decoded.value) : null;
  return problem === null ? decoded : invalid(`${problem.field} ${problem.problem}`);
}
