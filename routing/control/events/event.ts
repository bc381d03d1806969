import type { Address } from '../../model/address.ts';
import type { Domain } from '../../model/domain.ts';
import { type EndpointState, endpointKey } from '../../model/endpoint.ts';
import type { Ipv4Range } from '../../model/ipv4-range.ts';
import type { Name } from '../../model/name.ts';
import type { Port } from '../../model/port.ts';
import type { OrgQuota, Quota } from '../../model/quota.ts';
import {
  type PortBinding,
  type PortPlace,
  portKey,
  type Route,
  type RoutePlace,
  routeKey,
} from '../../model/route.ts';
import type { ServiceKey } from '../../model/service.ts';

/**
 * What happened. Each event carries the whole new state of its stream, so a stream's state is its last event; the event
 * that ends something carries what it was.
 */
export type ControlEvent =
  | EventOf<'route.created' | 'route.updated' | 'route.deleted', Route>
  | EventOf<'port.allocated' | 'port.updated' | 'port.released', PortBinding>
  | EventOf<'endpoint.reported', EndpointReport>
  | EventOf<'port-pool.defined', PortPool>
  | EventOf<'domain.claimed' | 'domain.granted' | 'domain.released', DomainClaim>
  | EventOf<'address.allocated' | 'address.released', AddressHolding>
  | EventOf<'address-pool.defined', AddressPool>
  | EventOf<'policy.defined', Policy>
  | EventOf<'org-policy.defined', OrgPolicy>;

/** What can be in the column `type`. */
export type EventType = ControlEvent['type'];

/** What the control plane was told of an instance. */
export interface EndpointReport {
  readonly service: ServiceKey;
  readonly instance: Name;
  readonly address: Address;
  readonly state: EndpointState;
}

/** The raw TCP ports that may be allocated, both ends included. */
export interface PortPool {
  readonly first: Port;
  readonly last: Port;
}

/**
 * How it is known that a domain is an org's: not at all, by a TXT record, by the operator's word, or because it lies below
 * a platform domain and the org came first.
 */
export const DOMAIN_PROOFS = ['none', 'dns', 'trusted', 'platform'] as const;
export type DomainProof = (typeof DOMAIN_PROOFS)[number];

/** What an org says, or has proved, of a domain. */
export interface DomainClaim {
  readonly domain: Domain;
  readonly org: Name;
  /** What the TXT record has to hold; empty where nobody asks for one. */
  readonly token: string;
  /** `none` while it is only said. */
  readonly proof: DomainProof;
  /** Names below it are for all orgs, first come, first served. */
  readonly isPlatform: boolean;
}

/** A dedicated address: its org has every port on it. */
export interface AddressHolding {
  readonly address: Address;
  readonly org: Name;
}

/** The IPv4 addresses that may be dedicated, without overlaps, in ascending order. */
export interface AddressPool {
  readonly ranges: readonly Ipv4Range[];
}

/** What every org may take. */
export interface Policy {
  /** Shared raw TCP ports at once. */
  readonly portQuota: Quota;
  /** Dedicated addresses at once. */
  readonly addressQuota: Quota;
  /** How long what was released is kept from other orgs, in milliseconds. */
  readonly coolDownMs: number;
}

/** What one org may take instead. */
export interface OrgPolicy {
  readonly org: Name;
  readonly portQuota: OrgQuota;
  readonly addressQuota: OrgQuota;
}

/** An event as it stands in the log. */
export interface RecordedEvent<Event extends ControlEvent = ControlEvent> {
  readonly seq: number;
  readonly stream: string;
  /** Counts from 1 within the stream. */
  readonly streamVersion: number;
  readonly event: Event;
  readonly actor: string;
  readonly recordedAt: Date;
}

/** The stream of the one pool of raw TCP ports. */
export const PORT_POOL_STREAM = 'port-pool';

/** The stream of the addresses that may be dedicated. */
export const ADDRESS_POOL_STREAM = 'address-pool';

/** The stream of what every org may take. */
export const POLICY_STREAM = 'policy';

/**
 * The stream that an event belongs to: `route/tls/www.example.com`, `route/tls/www.example.com alpn h2`, `port/20000`,
 * `port/203.0.113.7:443`, `endpoint/o/a/e/p/i`, `domain/example.com/o`, `address/203.0.113.7`, `policy/o`, and the one stream
 * of each pool and of the policy of all.
 */
export function streamOf(event: ControlEvent): string {
  switch (event.type) {
    case 'route.created':
    case 'route.updated':
    case 'route.deleted':
      return routeStream(event.payload);
    case 'port.allocated':
    case 'port.updated':
    case 'port.released':
      return portStream(event.payload);
    case 'endpoint.reported':
      return endpointStream(event.payload);
    case 'port-pool.defined':
      return PORT_POOL_STREAM;
    case 'domain.claimed':
    case 'domain.granted':
    case 'domain.released':
      return domainStream(event.payload);
    case 'address.allocated':
    case 'address.released':
      return addressStream(event.payload.address);
    case 'address-pool.defined':
      return ADDRESS_POOL_STREAM;
    case 'policy.defined':
      return POLICY_STREAM;
    case 'org-policy.defined':
      return orgPolicyStream(event.payload.org);
    default:
      return event satisfies never;
  }
}

/** The stream of one route. */
export function routeStream(route: RoutePlace): string {
  return `route/${routeKey(route)}`;
}

/** The stream of one raw TCP port. */
export function portStream(place: PortPlace): string {
  return portKey(place);
}

/** The stream of one instance of a service. */
export function endpointStream(endpoint: Pick<EndpointReport, 'service' | 'instance'>): string {
  return `endpoint/${endpointKey(endpoint)}`;
}

/** The stream of what one org says of one domain. */
export function domainStream(claim: Pick<DomainClaim, 'domain' | 'org'>): string {
  return `domain/${claim.domain}/${claim.org}`;
}

/** The stream of one address that may be dedicated. */
export function addressStream(address: Address): string {
  return `address/${address}`;
}

/** The stream of what one org may take. */
export function orgPolicyStream(org: Name): string {
  return `policy/${org}`;
}

interface EventOf<Type extends string, Payload> {
  readonly type: Type;
  readonly payload: Payload;
}
