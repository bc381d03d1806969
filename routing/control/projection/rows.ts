import type { Backend, PortBinding, Route } from '../../model/route.ts';
import type {
  AddressHolding,
  DomainClaim,
  EndpointReport,
  OrgPolicy,
  Policy,
  PortPool,
} from '../events/event.ts';

/** The rows that a batch of events leaves behind, as the projections' statements take them: at most one for each key. */
export interface ProjectedRows {
  readonly services: readonly ServiceRow[];
  readonly routes: readonly RouteRow[];
  readonly ports: readonly PortRow[];
  readonly endpoints: readonly EndpointRow[];
  readonly portPools: readonly PortPoolRow[];
  readonly domains: readonly DomainRow[];
  readonly addresses: readonly AddressRow[];
  readonly addressPools: readonly AddressPoolRow[];
  readonly policies: readonly PolicyRow[];
}

interface Row {
  readonly key: string;
  readonly revision: number;
  readonly is_deleted: boolean;
}

interface ChangedRow extends Row {
  readonly actor: string;
  readonly updated_at: Date;
}

/** What the rows have that are created and deleted. */
export interface CreatedRow extends ChangedRow {
  /** Null where the beginning is not in this batch: it stays as it is. */
  readonly created_at: Date | null;
}

/** A service. */
export interface ServiceRow extends Row {
  readonly org: string;
  readonly app: string;
  readonly env: string;
  readonly process: string;
}

interface TargetRow extends CreatedRow {
  readonly service: string;
  readonly backend_port: number;
  readonly weight: number;
  readonly others: readonly Backend[];
  readonly proxy_protocol: string;
  readonly proxy_tlvs: readonly string[];
}

/** A hostname's binding. */
export interface RouteRow extends TargetRow {
  readonly listener: string;
  readonly hostname: string;
  readonly alpn: string | null;
  readonly redirect_to_https: boolean;
}

/** A raw TCP port's binding. */
export interface PortRow extends TargetRow {
  readonly address: string | null;
  readonly port: number;
}

/** An instance's address. */
export interface EndpointRow extends ChangedRow {
  readonly service: string;
  readonly instance: string;
  readonly address: string;
  readonly is_ready: boolean;
}

/** The pool of raw TCP ports. */
export interface PortPoolRow extends ChangedRow {
  readonly first_port: number;
  readonly last_port: number;
}

/** What an org says of a domain. */
export interface DomainRow extends ChangedRow {
  readonly domain: string;
  readonly org: string;
  readonly state: 'pending' | 'held';
  readonly token: string;
  readonly proof: string;
  readonly is_platform: boolean;
}

/** A dedicated address. */
export interface AddressRow extends ChangedRow {
  readonly address: string;
  readonly org: string;
}

/** The pool of addresses. */
export interface AddressPoolRow extends ChangedRow {
  readonly ranges: readonly object[];
}

/** What orgs may take. */
export interface PolicyRow extends ChangedRow {
  /** Null for that of all orgs. */
  readonly org: string | null;
  readonly port_quota: string;
  readonly address_quota: string;
  readonly cool_down_ms: number | null;
}

/** The columns of a row for a route. */
export function routeColumns(route: Route) {
  return {
    listener: route.listener,
    hostname: route.pattern,
    alpn: route.alpn,
    service: route.service,
    backend_port: route.backendPort,
    weight: route.weight,
    others: route.others,
    proxy_protocol: route.proxyProtocol,
    proxy_tlvs: route.proxyTlvs,
    redirect_to_https: route.redirectToHttps,
  };
}

/** The columns of a row for a port. */
export function portColumns(binding: PortBinding) {
  return {
    address: binding.address,
    port: binding.port,
    service: binding.service,
    backend_port: binding.backendPort,
    weight: binding.weight,
    others: binding.others,
    proxy_protocol: binding.proxyProtocol,
    proxy_tlvs: binding.proxyTlvs,
  };
}

/** The columns of a row for an endpoint. */
export function endpointColumns(endpoint: EndpointReport) {
  return {
    service: endpoint.service,
    instance: endpoint.instance,
    address: endpoint.address,
    is_ready: endpoint.state === 'ready',
    is_deleted: endpoint.state === 'gone',
  };
}

/** The columns of a row for the pool of ports. */
export function portPoolColumns(pool: PortPool) {
  return { first_port: pool.first, last_port: pool.last };
}

/** The columns of a row for a domain. */
export function domainColumns({ domain, org, token, proof, isPlatform }: DomainClaim) {
  const state = proof === 'none' ? ('pending' as const) : ('held' as const);
  return { domain, org, state, token, proof, is_platform: isPlatform };
}

/** The columns of a row for an address. */
export function addressColumns({ address, org }: AddressHolding) {
  return { address, org };
}

/** The columns of a row for the policy of all orgs. */
export function policyColumns({ portQuota, addressQuota, coolDownMs }: Policy) {
  const quotas = { port_quota: String(portQuota), address_quota: String(addressQuota) };
  return { org: null, ...quotas, cool_down_ms: coolDownMs };
}

/** The columns of a row for one org's policy. */
export function orgPolicyColumns({ org, portQuota, addressQuota }: OrgPolicy) {
  return { org, port_quota: String(portQuota), address_quota: String(addressQuota), cool_down_ms: null };
}
