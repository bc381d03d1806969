import type { Statements } from '../database.ts';
import type { ProjectedRows } from './batch.ts';

/** Where the projections are: what edges read, or what a rebuild builds beside it, in temporary tables. */
export type ProjectionSchema = 'weir' | 'pg_temp';

/** Writes the rows into the projections, one statement for each table that has any. */
export async function writeRows(
  transaction: Statements,
  rows: ProjectedRows,
  schema: ProjectionSchema = 'weir',
): Promise<void> {
  const upsert = UPSERTS[schema];
  await write(transaction, upsert.services, rows.services);
  await write(transaction, upsert.routes, rows.routes);
  await write(transaction, upsert.ports, rows.ports);
  await write(transaction, upsert.endpoints, rows.endpoints);
  await write(transaction, upsert.portPools, rows.portPools);
}

async function write(transaction: Statements, statement: string, rows: readonly object[]): Promise<void> {
  if (rows.length > 0) await transaction.query(statement, [JSON.stringify(rows)]);
}

type Upserts = { readonly [Rows in keyof ProjectedRows]: string };

const UPSERTS: { readonly [Schema in ProjectionSchema]: Upserts } = {
  weir: upsertsInto('weir'),
  pg_temp: upsertsInto('pg_temp'),
};

/**
 * Each takes the rows as one JSON array; `jsonb_populate_recordset` gives them the table's own types. `created_at` is
 * null where the row's beginning is not in the batch: then it is in the table.
 */
function upsertsInto(schema: ProjectionSchema): Upserts {
  return {
    services: `
      insert into ${schema}.services
      select * from jsonb_populate_recordset(null::${schema}.services, $1)
      on conflict (key) do nothing`,
    routes: `
      insert into ${schema}.routes
        (key, listener, hostname, service, backend_port, proxy_protocol, redirect_to_https,
         revision, is_deleted, actor, created_at, updated_at)
      select row.key, row.listener, row.hostname, row.service, row.backend_port, row.proxy_protocol,
        row.redirect_to_https, row.revision, row.is_deleted, row.actor,
        coalesce(row.created_at, old.created_at, row.updated_at), row.updated_at
      from jsonb_populate_recordset(null::${schema}.routes, $1) as row
      left join ${schema}.routes as old on old.key = row.key
      on conflict (key) do update set
        service = excluded.service, backend_port = excluded.backend_port,
        proxy_protocol = excluded.proxy_protocol, redirect_to_https = excluded.redirect_to_https,
        revision = excluded.revision, is_deleted = excluded.is_deleted, actor = excluded.actor,
        created_at = excluded.created_at, updated_at = excluded.updated_at`,
    ports: `
      insert into ${schema}.ports
        (key, port, service, backend_port, proxy_protocol, revision, is_deleted, actor, created_at, updated_at)
      select row.key, row.port, row.service, row.backend_port, row.proxy_protocol, row.revision, row.is_deleted,
        row.actor, coalesce(row.created_at, old.created_at, row.updated_at), row.updated_at
      from jsonb_populate_recordset(null::${schema}.ports, $1) as row
      left join ${schema}.ports as old on old.key = row.key
      on conflict (key) do update set
        service = excluded.service, backend_port = excluded.backend_port,
        proxy_protocol = excluded.proxy_protocol, revision = excluded.revision,
        is_deleted = excluded.is_deleted, actor = excluded.actor,
        created_at = excluded.created_at, updated_at = excluded.updated_at`,
    endpoints: `
      insert into ${schema}.endpoints
        (key, service, instance, address, is_ready, revision, is_deleted, actor, updated_at)
      select key, service, instance, address, is_ready, revision, is_deleted, actor, updated_at
      from jsonb_populate_recordset(null::${schema}.endpoints, $1)
      on conflict (key) do update set
        address = excluded.address, is_ready = excluded.is_ready, revision = excluded.revision,
        is_deleted = excluded.is_deleted, actor = excluded.actor, updated_at = excluded.updated_at`,
    portPools: `
      insert into ${schema}.port_pool (key, first_port, last_port, revision, is_deleted, actor, updated_at)
      select key, first_port, last_port, revision, is_deleted, actor, updated_at
      from jsonb_populate_recordset(null::${schema}.port_pool, $1)
      on conflict (key) do update set
        first_port = excluded.first_port, last_port = excluded.last_port, revision = excluded.revision,
        is_deleted = excluded.is_deleted, actor = excluded.actor, updated_at = excluded.updated_at`,
  };
}
