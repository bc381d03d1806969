/** What callers hand in, as they got it from a person or a script: nothing in it has been checked. */

/** The four names of a service. */
export interface ServiceInput {
  readonly org: string;
  readonly app: string;
  readonly env: string;
  readonly process: string;
}

/** What names a route. */
export interface RouteName {
  readonly hostname: string;
  /** `tls` or `http`. @default 'tls' */
  readonly listener?: string | undefined;
}

/** A route to create. */
export interface RouteInput extends ServiceInput, RouteName {
  readonly backendPort: string | number;
  /** `none` or `v2`. @default 'none' */
  readonly proxyProtocol?: string | undefined;
  /** On `http` only. @default false */
  readonly redirectToHttps?: boolean | undefined;
}

/** What is absent stays as it is. */
export interface RouteUpdate extends RouteName, Partial<Undefinable<ServiceInput>> {
  readonly backendPort?: string | number | undefined;
  readonly proxyProtocol?: string | undefined;
  readonly redirectToHttps?: boolean | undefined;
}

/** A raw TCP port to allocate. */
export interface PortInput extends ServiceInput {
  /** Absent: the lowest free port of the pool. */
  readonly port?: string | number | undefined;
  readonly backendPort: string | number;
  /** `none` or `v2`. @default 'none' */
  readonly proxyProtocol?: string | undefined;
}

/** The ports that may be allocated, both ends included. */
export interface PortPoolInput {
  readonly first: string | number;
  readonly last: string | number;
}

/** What is known of an instance. */
export interface EndpointInput extends ServiceInput {
  readonly instance: string;
  /** An IP address; may be absent where `state` is `gone`. */
  readonly address?: string | undefined;
  /** `ready`, `not-ready` or `gone`. @default 'ready' */
  readonly state?: string | undefined;
}

/** What is absent matches everything. */
export interface EndpointFilter {
  readonly org?: string | undefined;
  readonly app?: string | undefined;
  readonly env?: string | undefined;
  readonly process?: string | undefined;
}

/** What is absent matches everything. */
export interface EventFilterInput {
  /** A hostname, on whichever listener. */
  readonly route?: string | undefined;
  readonly org?: string | undefined;
  readonly stream?: string | undefined;
  /** An event's number, that one included; a time in ISO 8601; or a duration back from now, like `2h`. */
  readonly since?: string | number | undefined;
  /** How many at most, the last ones. @default 50 */
  readonly limit?: string | number | undefined;
}

type Undefinable<Value> = { readonly [Key in keyof Value]: Value[Key] | undefined };
