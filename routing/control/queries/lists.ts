import { backendViews } from '../backend-view.ts';
import type { Statements } from '../database.ts';
import type { EndpointFilter } from '../inputs.ts';
import type { EndpointView, PortView, RouteView } from '../views.ts';

// What is not text, or is text that PostgreSQL cannot hold (with a NUL), is no name of anything: it matches nothing.

/** The routes that are there, by hostname. */
export async function listRoutes(
  database: Statements,
  filter: {
    readonly org?: string | undefined;
    readonly listener?: string | undefined;
    readonly alpn?: string | undefined;
  },
): Promise<readonly RouteView[]> {
  const rows = await database.query<RouteRow>(
    `${SELECT_ROUTES}
     and ($1::text is null or service.org = $1) and ($2::text is null or route.listener = $2)
       and ($3::text is null or route.alpn = $3)
     order by route.hostname, route.listener, route.alpn nulls first`,
    [term(filter.org), term(filter.listener), term(filter.alpn)],
  );
  return rows.map(routeView);
}

/** One route by its key (`routeKey`); null where it is not there. */
export async function findRoute(database: Statements, key: string): Promise<RouteView | null> {
  const [row] = await database.query<RouteRow>(`${SELECT_ROUTES} and route.key = $1`, [key]);
  return row === undefined ? null : routeView(row);
}

/** The ports that are allocated, by number, those of the shared addresses before those of dedicated ones. */
export async function listPorts(
  database: Statements,
  filter: { readonly org?: string | undefined; readonly address?: string | undefined },
): Promise<readonly PortView[]> {
  const rows = await database.query<PortRow>(
    `select binding.*, service.org, service.app, service.env, service.process
     from weir.ports as binding join weir.services as service on service.key = binding.service
     where not binding.is_deleted and ($1::text is null or service.org = $1)
       and ($2::text is null or binding.address = $2)
     order by binding.port, binding.address nulls first`,
    [term(filter.org), term(filter.address)],
  );
  return rows.map((row) => ({ port: row.port, address: row.address, ...targetView(row) }));
}

/** The endpoints that are there, by service and instance. */
export async function listEndpoints(
  database: Statements,
  filter: EndpointFilter,
): Promise<readonly EndpointView[]> {
  const rows = await database.query<EndpointRow>(
    `select endpoint.*, service.org, service.app, service.env, service.process
     from weir.endpoints as endpoint join weir.services as service on service.key = endpoint.service
     where not endpoint.is_deleted
       and ($1::text is null or service.org = $1) and ($2::text is null or service.app = $2)
       and ($3::text is null or service.env = $3) and ($4::text is null or service.process = $4)
     order by endpoint.key`,
    [term(filter.org), term(filter.app), term(filter.env), term(filter.process)],
  );
  return rows.map((row) => ({
    ...serviceView(row),
    instance: row.instance,
    address: row.address,
    state: row.is_ready ? 'ready' : 'not-ready',
    ...changeView(row),
  }));
}

/** What the rows of all lists have. */
export interface ChangeRow {
  readonly revision: string;
  readonly actor: string;
  readonly updated_at: Date;
}

interface ServiceRow {
  readonly org: string;
  readonly app: string;
  readonly env: string;
  readonly process: string;
}

interface TargetRow extends ChangeRow, ServiceRow {
  readonly backend_port: number;
  readonly weight: number;
  readonly others: Parameters<typeof backendViews>[0];
  readonly proxy_protocol: 'none' | 'v2';
  readonly proxy_tlvs: readonly string[];
  readonly created_at: Date;
}

interface RouteRow extends TargetRow {
  readonly hostname: string;
  readonly listener: 'tls' | 'http';
  readonly alpn: string | null;
  readonly redirect_to_https: boolean;
}

interface PortRow extends TargetRow {
  readonly port: number;
  readonly address: string | null;
}

interface EndpointRow extends ChangeRow, ServiceRow {
  readonly instance: string;
  readonly address: string;
  readonly is_ready: boolean;
}

const SELECT_ROUTES = `
  select route.*, service.org, service.app, service.env, service.process
  from weir.routes as route join weir.services as service on service.key = route.service
  where not route.is_deleted`;

function routeView(row: RouteRow): RouteView {
  const { createdAt, ...target } = targetView(row);
  const { hostname, listener, alpn, redirect_to_https: redirectToHttps } = row;
  return { hostname, listener, alpn, ...target, redirectToHttps, createdAt };
}

function targetView(row: TargetRow) {
  return {
    ...serviceView(row),
    backendPort: row.backend_port,
    weight: row.weight,
    others: backendViews(row.others),
    proxyProtocol: row.proxy_protocol,
    proxyTlvs: row.proxy_tlvs,
    ...changeView(row),
    createdAt: row.created_at.toISOString(),
  };
}

function serviceView({ org, app, env, process }: ServiceRow) {
  return { org, app, env, process };
}

/** What the views of all lists have. */
export function changeView(row: ChangeRow) {
  return { revision: Number(row.revision), actor: row.actor, updatedAt: row.updated_at.toISOString() };
}

/** A term of a filter that no value of the database is spoiled by. */
export function term(input: string | undefined): string | null {
  if (input === undefined) return null;
  return input.includes('\0') ? '' : input;
}
