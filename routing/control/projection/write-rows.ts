import type { Statements } from '../database.ts';
import type { ProjectedRows } from './batch.ts';

/** Writes the rows into the projections, one statement for each table that has any. */
export async function writeRows(transaction: Statements, rows: ProjectedRows): Promise<void> {
  await write(transaction, UPSERT_SERVICES, rows.services);
  await write(transaction, UPSERT_ROUTES, rows.routes);
  await write(transaction, UPSERT_PORTS, rows.ports);
  await write(transaction, UPSERT_ENDPOINTS, rows.endpoints);
  await write(transaction, UPSERT_PORT_POOLS, rows.portPools);
}

async function write(transaction: Statements, statement: string, rows: readonly object[]): Promise<void> {
  if (rows.length > 0) await transaction.query(statement, [JSON.stringify(rows)]);
}

// Each takes the rows as one JSON array; `jsonb_populate_recordset` gives them the table's own types. `created_at` is
// null where the row's beginning is not in the batch: then it is in the table.

const UPSERT_SERVICES = `
  insert into weir.services
  select * from jsonb_populate_recordset(null::weir.services, $1)
  on conflict (key) do nothing`;

const UPSERT_ROUTES = `
  insert into weir.routes
    (key, listener, hostname, service, backend_port, proxy_protocol, redirect_to_https,
     revision, is_deleted, actor, created_at, updated_at)
  select row.key, row.listener, row.hostname, row.service, row.backend_port, row.proxy_protocol,
    row.redirect_to_https, row.revision, row.is_deleted, row.actor,
    coalesce(row.created_at, old.created_at, row.updated_at), row.updated_at
  from jsonb_populate_recordset(null::weir.routes, $1) as row
  left join weir.routes as old on old.key = row.key
  on conflict (key) do update set
    service = excluded.service, backend_port = excluded.backend_port,
    proxy_protocol = excluded.proxy_protocol, redirect_to_https = excluded.redirect_to_https,
    revision = excluded.revision, is_deleted = excluded.is_deleted, actor = excluded.actor,
    created_at = excluded.created_at, updated_at = excluded.updated_at`;

const UPSERT_PORTS = `
  insert into weir.ports
    (key, port, service, backend_port, proxy_protocol, revision, is_deleted, actor, created_at, updated_at)
  select row.key, row.port, row.service, row.backend_port, row.proxy_protocol, row.revision, row.is_deleted,
    row.actor, coalesce(row.created_at, old.created_at, row.updated_at), row.updated_at
  from jsonb_populate_recordset(null::weir.ports, $1) as row
  left join weir.ports as old on old.key = row.key
  on conflict (key) do update set
    service = excluded.service, backend_port = excluded.backend_port,
    proxy_protocol = excluded.proxy_protocol, revision = excluded.revision,
    is_deleted = excluded.is_deleted, actor = excluded.actor,
    created_at = excluded.created_at, updated_at = excluded.updated_at`;

const UPSERT_ENDPOINTS = `
  insert into weir.endpoints
    (key, service, instance, address, is_ready, revision, is_deleted, actor, updated_at)
  select key, service, instance, address, is_ready, revision, is_deleted, actor, updated_at
  from jsonb_populate_recordset(null::weir.endpoints, $1)
  on conflict (key) do update set
    address = excluded.address, is_ready = excluded.is_ready, revision = excluded.revision,
    is_deleted = excluded.is_deleted, actor = excluded.actor, updated_at = excluded.updated_at`;

const UPSERT_PORT_POOLS = `
  insert into weir.port_pool (key, first_port, last_port, revision, is_deleted, actor, updated_at)
  select key, first_port, last_port, revision, is_deleted, actor, updated_at
  from jsonb_populate_recordset(null::weir.port_pool, $1)
  on conflict (key) do update set
    first_port = excluded.first_port, last_port = excluded.last_port, revision = excluded.revision,
    is_deleted = excluded.is_deleted, actor = excluded.actor, updated_at = excluded.updated_at`;
