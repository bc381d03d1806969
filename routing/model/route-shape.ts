import { parseHostPattern } from './hostname.ts';
import { ok, type Parsed } from './parsed.ts';
import { parsePort } from './port.ts';
import { type PortBinding, PROXY_PROTOCOLS, ROUTE_LISTENERS, type Route } from './route.ts';
import { parseServiceKey, type ServiceKey, serviceKey } from './service.ts';
import { flag, number, oneOf, type Shape, text } from './shape.ts';

/** `org/app/env/process`, as it stands in events and rows. */
export function parseServiceText(input: string): Parsed<ServiceKey> {
  const service = parseServiceKey(input);
  return service.kind === 'ok' ? ok(serviceKey(service.value)) : service;
}

const TARGET = {
  service: text(parseServiceText),
  backendPort: number(parsePort),
  proxyProtocol: oneOf(PROXY_PROTOCOLS),
};

/** A route's fields in JSON. */
export const ROUTE: Shape<Route> = {
  listener: oneOf(ROUTE_LISTENERS),
  pattern: text(parseHostPattern),
  redirectToHttps: flag,
  ...TARGET,
};

/** A raw TCP port's fields in JSON. */
export const PORT_BINDING: Shape<PortBinding> = { port: number(parsePort), ...TARGET };
