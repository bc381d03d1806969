import { parseServiceKey } from '../../model/service.ts';
import type { AddressPool, RecordedEvent } from '../events/event.ts';
import {
  type AddressPoolRow,
  type AddressRow,
  addressColumns,
  type CreatedRow,
  type DomainRow,
  domainColumns,
  type EndpointRow,
  endpointColumns,
  orgPolicyColumns,
  type PolicyRow,
  type PortPoolRow,
  type PortRow,
  type ProjectedRows,
  policyColumns,
  portColumns,
  portPoolColumns,
  type RouteRow,
  routeColumns,
  type ServiceRow,
} from './rows.ts';

/** An event and the revision that it becomes. */
export interface Revised {
  readonly revision: number;
  readonly recorded: RecordedEvent;
}

/** Folds events, in the order of their revisions, into rows. Pure: the same events give the same rows in any batches. */
export function foldEvents(events: readonly Revised[]): ProjectedRows {
  const services = new Map<string, ServiceRow>();
  const routes = new Map<string, RouteRow>();
  const ports = new Map<string, PortRow>();
  const endpoints = new Map<string, EndpointRow>();
  const portPools = new Map<string, PortPoolRow>();
  const domains = new Map<string, DomainRow>();
  const addresses = new Map<string, AddressRow>();
  const addressPools = new Map<string, AddressPoolRow>();
  const policies = new Map<string, PolicyRow>();

  for (const { revision, recorded } of events) {
    const { event, stream } = recorded;
    const base = { revision, actor: recorded.actor, updated_at: recorded.recordedAt };
    if ('service' in event.payload) addService(services, event.payload.service, revision);
    if ('others' in event.payload)
      for (const { service } of event.payload.others) addService(services, service, revision);
    switch (event.type) {
      case 'route.created':
      case 'route.updated':
      case 'route.deleted': {
        const key = stream.slice('route/'.length);
        const created_at = createdAt(event.type === 'route.created', recorded, routes.get(key));
        const row = { ...base, key, created_at, is_deleted: event.type === 'route.deleted' };
        routes.set(key, { ...row, ...routeColumns(event.payload) });
        break;
      }
      case 'port.allocated':
      case 'port.updated':
      case 'port.released': {
        const created_at = createdAt(event.type === 'port.allocated', recorded, ports.get(stream));
        const row = { ...base, key: stream, created_at, is_deleted: event.type === 'port.released' };
        ports.set(stream, { ...row, ...portColumns(event.payload) });
        break;
      }
      case 'endpoint.reported': {
        const key = stream.slice('endpoint/'.length);
        endpoints.set(key, { ...base, key, ...endpointColumns(event.payload) });
        break;
      }
      case 'port-pool.defined':
        portPools.set(stream, { ...base, key: stream, is_deleted: false, ...portPoolColumns(event.payload) });
        break;
      case 'domain.claimed':
      case 'domain.granted':
      case 'domain.released': {
        const key = stream.slice('domain/'.length);
        const is_deleted = event.type === 'domain.released';
        domains.set(key, { ...base, key, is_deleted, ...domainColumns(event.payload) });
        break;
      }
      case 'address.allocated':
      case 'address.released': {
        const is_deleted = event.type === 'address.released';
        addresses.set(stream, { ...base, key: stream, is_deleted, ...addressColumns(event.payload) });
        break;
      }
      case 'address-pool.defined': {
        const { ranges }: AddressPool = event.payload;
        addressPools.set(stream, { ...base, key: stream, is_deleted: false, ranges });
        break;
      }
      case 'policy.defined':
        policies.set(stream, { ...base, key: stream, is_deleted: false, ...policyColumns(event.payload) });
        break;
      case 'org-policy.defined':
        policies.set(stream, { ...base, key: stream, is_deleted: false, ...orgPolicyColumns(event.payload) });
        break;
      default:
        event satisfies never;
    }
  }
  return {
    services: [...services.values()],
    routes: [...routes.values()],
    ports: [...ports.values()],
    endpoints: [...endpoints.values()],
    portPools: [...portPools.values()],
    domains: [...domains.values()],
    addresses: [...addresses.values()],
    addressPools: [...addressPools.values()],
    policies: [...policies.values()],
  };
}

/** A service is known from the first event that names it. */
function addService(services: Map<string, ServiceRow>, key: string, revision: number): void {
  if (services.has(key)) return;
  const service = parseServiceKey(key);
  if (service.kind === 'invalid') throw new Error(`the service key ${key} ${service.problem}`);
  services.set(key, { key, ...service.value, revision, is_deleted: false });
}

function createdAt(
  isBeginning: boolean,
  recorded: RecordedEvent,
  before: CreatedRow | undefined,
): Date | null {
  return isBeginning ? recorded.recordedAt : (before?.created_at ?? null);
}
