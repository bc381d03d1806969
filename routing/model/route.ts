import type { HostPattern } from './hostname.ts';
import type { Port } from './port.ts';
import type { ServiceKey } from './service.ts';

/** Which kind of listener a hostname is bound on: `tls` routes by SNI, `http` by Host. */
export const ROUTE_LISTENERS = ['tls', 'http'] as const;
export type RouteListener = (typeof ROUTE_LISTENERS)[number];

/** What goes to the backend before the client's first byte. */
export const PROXY_PROTOCOLS = ['none', 'v2'] as const;
export type ProxyProtocol = (typeof PROXY_PROTOCOLS)[number];

/** How a route's connections reach its service; a hostname's and a port's bindings share it. */
export interface Target {
  readonly service: ServiceKey;
  readonly backendPort: Port;
  readonly proxyProtocol: ProxyProtocol;
}

/** A hostname's binding. */
export interface Route extends Target {
  readonly listener: RouteListener;
  readonly pattern: HostPattern;
  /** On an `http` listener: answer every request with a redirect to https and dial nothing. */
  readonly redirectToHttps: boolean;
}

/** A raw TCP port's binding. */
export interface PortBinding extends Target {
  readonly port: Port;
}

/** `tls/www.example.com`: one route to a pattern on each kind of listener. */
export function routeKey(route: { readonly listener: RouteListener; readonly pattern: HostPattern }): string {
  return `${route.listener}/${route.pattern}`;
}

/** `port/20000`. */
export function portKey(port: Port): string {
  return `port/${port}`;
}
