import type { Address } from './address.ts';
import { type AlpnProtocol, alpnSuffix } from './alpn.ts';
import type { HostPattern } from './hostname.ts';
import type { Port } from './port.ts';
import type { ProxyTlv } from './proxy-tlv.ts';
import type { ServiceKey } from './service.ts';
import type { Weight } from './weight.ts';

/** Which kind of listener a hostname is bound on: `tls` routes by SNI, `http` by Host. */
export const ROUTE_LISTENERS = ['tls', 'http'] as const;
export type RouteListener = (typeof ROUTE_LISTENERS)[number];

/** What goes to the backend before the client's first byte. */
export const PROXY_PROTOCOLS = ['none', 'v2'] as const;
export type ProxyProtocol = (typeof PROXY_PROTOCOLS)[number];

/** Beside the first: enough for a rollout in steps, and few enough to look at all of them for each connection. */
export const MAX_OTHERS = 15;

/** A service, the port that its instances listen on, and its share of the connections. */
export interface Backend {
  readonly service: ServiceKey;
  readonly backendPort: Port;
  readonly weight: Weight;
}

/**
 * How a route's connections reach its services; a hostname's and a port's bindings share it. The target itself is the
 * first backend. All are of one org, none is there twice, and one at least has a weight above 0 (`backendsProblem`).
 */
export interface Target extends Backend {
  readonly others: readonly Backend[];
  readonly proxyProtocol: ProxyProtocol;
  /** Of a `v2` header; empty where there is none. */
  readonly proxyTlvs: readonly ProxyTlv[];
}

/** A hostname's binding. */
export interface Route extends Target {
  readonly listener: RouteListener;
  readonly pattern: HostPattern;
  /** On a `tls` listener: only for clients that offer this protocol; null for all. */
  readonly alpn: AlpnProtocol | null;
  /** On an `http` listener: answer every request with a redirect to https and dial nothing. */
  readonly redirectToHttps: boolean;
}

/** A raw TCP port, of the addresses that all orgs share or of a dedicated one. */
export interface PortPlace {
  /** IPv4; null for the shared addresses. */
  readonly address: Address | null;
  readonly port: Port;
}

/** A raw TCP port's binding. */
export interface PortBinding extends PortPlace, Target {}

/** What tells a route from all others. */
export type RoutePlace = Pick<Route, 'listener' | 'pattern' | 'alpn'>;

/** `tls/www.example.com`, or `tls/www.example.com alpn h2`: of one pattern, one route on each kind of listener for each protocol. */
export function routeKey({ listener, pattern, alpn }: RoutePlace): string {
  return `${listener}/${pattern}${alpnSuffix(alpn)}`;
}

/** `port/20000`, and on a dedicated address `port/203.0.113.7:443`. */
export function portKey({ address, port }: PortPlace): string {
  return address === null ? `port/${port}` : `port/${address}:${port}`;
}
