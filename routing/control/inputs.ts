/** What callers hand in, as they got it from a person or a script: nothing in it has been checked. */

/** The four names of a service. */
export interface ServiceInput {
  readonly org: string;
  readonly app: string;
  readonly env: string;
  readonly process: string;
}

/** One of the backends of a route or port beside its first; the org is that of the first. */
export interface BackendInput {
  readonly app: string;
  readonly env: string;
  readonly process: string;
  readonly backendPort: string | number;
  /** Its share of the connections, relative to the others' weights; 0 to 1,000,000, and 0 gets none. @default 1 */
  readonly weight?: string | number | undefined;
}

/** What names a route. */
export interface RouteName {
  readonly hostname: string;
  /** `tls` or `http`. @default 'tls' */
  readonly listener?: string | undefined;
  /** On `tls`: that for clients which offer this ALPN protocol. Absent: that for all the others. */
  readonly alpn?: string | undefined;
}

/** A route to create. */
export interface RouteInput extends ServiceInput, RouteName {
  readonly backendPort: string | number;
  /** The first backend's share of the connections. @default 1 */
  readonly weight?: string | number | undefined;
  /** @default [] */
  readonly others?: readonly BackendInput[] | undefined;
  /** `none` or `v2`. @default 'none' */
  readonly proxyProtocol?: string | undefined;
  /** With `v2`: what of `PROXY_TLVS` its header says. @default [] */
  readonly proxyTlvs?: readonly string[] | undefined;
  /** On `http` only. @default false */
  readonly redirectToHttps?: boolean | undefined;
}

/** What is absent stays as it is. */
export interface RouteUpdate extends RouteName, Partial<Undefinable<ServiceInput>> {
  readonly backendPort?: string | number | undefined;
  readonly weight?: string | number | undefined;
  /** Replaces the list as a whole. */
  readonly others?: readonly BackendInput[] | undefined;
  /** `none` takes the TLVs away with it. */
  readonly proxyProtocol?: string | undefined;
  /** Replaces the list as a whole. */
  readonly proxyTlvs?: readonly string[] | undefined;
  readonly redirectToHttps?: boolean | undefined;
}

/** A raw TCP port to allocate. */
export interface PortInput extends ServiceInput {
  /** Absent: the lowest free port of the pool. */
  readonly port?: string | number | undefined;
  /** A dedicated address that the org holds. Absent: the addresses that all orgs share. */
  readonly address?: string | undefined;
  readonly backendPort: string | number;
  /** The first backend's share of the connections. @default 1 */
  readonly weight?: string | number | undefined;
  /** @default [] */
  readonly others?: readonly BackendInput[] | undefined;
  /** `none` or `v2`. @default 'none' */
  readonly proxyProtocol?: string | undefined;
  /** With `v2`: what of `PROXY_TLVS` its header says. @default [] */
  readonly proxyTlvs?: readonly string[] | undefined;
}

/** The ports that may be allocated, both ends included. */
export interface PortPoolInput {
  readonly first: string | number;
  readonly last: string | number;
}

/** What names a port: alone on the shared addresses, or on a dedicated one. */
export interface PortName {
  readonly port: string | number;
  readonly address?: string | undefined;
}

/** A domain as one org's: a name, or `*` for what no other route takes. */
export interface DomainName {
  readonly domain: string;
  readonly org: string;
}

/** A domain to claim. */
export interface DomainClaimInput extends DomainName {
  /** The operator vouches for it: held at once, without a proof. @default false */
  readonly isTrusted?: boolean | undefined;
  /** Names below it are for all orgs, first come, first served; only where it is trusted. @default as it is */
  readonly isPlatform?: boolean | undefined;
  /** Does not wait until a name that another org released has cooled down; only where it is trusted. @default false */
  readonly skipCoolDown?: boolean | undefined;
}

/** A dedicated IPv4 address to allocate. */
export interface AddressInput {
  readonly org: string;
  /** Absent: the lowest free address of the pool. */
  readonly address?: string | undefined;
}

/** The IPv4 addresses that may be dedicated: addresses, `first-last` ranges and CIDR blocks. */
export interface AddressPoolInput {
  readonly ranges: readonly string[];
}

/** What orgs may take; with an org, what this one may take instead. What is absent stays as it is. */
export interface PolicyInput {
  readonly org?: string | undefined;
  /** Shared raw TCP ports at once; `none` for no limit; `default`, of an org, for what all orgs have. */
  readonly portQuota?: string | number | undefined;
  /** Dedicated addresses at once; words as above. */
  readonly addressQuota?: string | number | undefined;
  /** How long a name or an address that was released is kept from other orgs, as in `24h`; not with an org. */
  readonly coolDown?: string | undefined;
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
