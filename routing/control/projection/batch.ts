import type { PortBinding, Route } from '../../model/route.ts';
import { parseServiceKey } from '../../model/service.ts';
import type { EndpointReport, PortPool, RecordedEvent } from '../events/event.ts';

/** The rows that a batch of events leaves behind, as the projections' statements take them: at most one for each key. */
export interface ProjectedRows {
  readonly services: readonly ServiceRow[];
  readonly routes: readonly RouteRow[];
  readonly ports: readonly PortRow[];
  readonly endpoints: readonly EndpointRow[];
  readonly portPools: readonly PortPoolRow[];
}

/** An event and the revision that it becomes. */
export interface Revised {
  readonly revision: number;
  readonly recorded: RecordedEvent;
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

interface CreatedRow extends ChangedRow {
  /** Null where the beginning is not in this batch: it stays as it is. */
  readonly created_at: Date | null;
}

interface ServiceRow extends Row {
  readonly org: string;
  readonly app: string;
  readonly env: string;
  readonly process: string;
}

interface TargetRow extends CreatedRow {
  readonly service: string;
  readonly backend_port: number;
  readonly proxy_protocol: string;
}

interface RouteRow extends TargetRow {
  readonly listener: string;
  readonly hostname: string;
  readonly redirect_to_https: boolean;
}

interface PortRow extends TargetRow {
  readonly port: number;
}

interface EndpointRow extends ChangedRow {
  readonly service: string;
  readonly instance: string;
  readonly address: string;
  readonly is_ready: boolean;
}

interface PortPoolRow extends ChangedRow {
  readonly first_port: number;
  readonly last_port: number;
}

/** Folds events, in the order of their revisions, into rows. Pure: the same events give the same rows in any batches. */
export function foldEvents(events: readonly Revised[]): ProjectedRows {
  const services = new Map<string, ServiceRow>();
  const routes = new Map<string, RouteRow>();
  const ports = new Map<string, PortRow>();
  const endpoints = new Map<string, EndpointRow>();
  const portPools = new Map<string, PortPoolRow>();

  for (const { revision, recorded } of events) {
    const { event, stream } = recorded;
    const base = { revision, actor: recorded.actor, updated_at: recorded.recordedAt };
    if ('service' in event.payload) addService(services, event.payload.service, revision);
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

function routeColumns(route: Route) {
  return {
    listener: route.listener,
    hostname: route.pattern,
    service: route.service,
    backend_port: route.backendPort,
    proxy_protocol: route.proxyProtocol,
    redirect_to_https: route.redirectToHttps,
  };
}

function portColumns(binding: PortBinding) {
  return {
    port: binding.port,
    service: binding.service,
    backend_port: binding.backendPort,
    proxy_protocol: binding.proxyProtocol,
  };
}

function endpointColumns(endpoint: EndpointReport) {
  return {
    service: endpoint.service,
    instance: endpoint.instance,
    address: endpoint.address,
    is_ready: endpoint.state === 'ready',
    is_deleted: endpoint.state === 'gone',
  };
}

function portPoolColumns(pool: PortPool) {
  return { first_port: pool.first, last_port: pool.last };
}
