import type { Statements } from '../database.ts';
import type { ProjectedRows } from './rows.ts';

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
  await write(transaction, upsert.domains, rows.domains);
  await write(transaction, upsert.addresses, rows.addresses);
  await write(transaction, upsert.addressPools, rows.addressPools);
  await write(transaction, upsert.policies, rows.policies);
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
        (key, listener, hostname, alpn, service, backend_port, weight, others, proxy_protocol, proxy_tlvs,
         redirect_to_https, revision, is_deleted, actor, created_at, updated_at)
      select row.key, row.listener, row.hostname, row.alpn, row.service, row.backend_port, row.weight,
        row.others, row.proxy_protocol, row.proxy_tlvs, row.redirect_to_https, row.revision, row.is_deleted, row.actor,
        coalesce(row.created_at, old.created_at, row.updated_at), row.updated_at
      from jsonb_populate_recordset(null::${schema}.routes, $1) as row
      left join ${schema}.routes as old on old.key = row.key
      on conflict (key) do update set
        service = excluded.service, backend_port = excluded.backend_port,
        weight = excluded.weight, others = excluded.others,
        proxy_protocol = excluded.proxy_protocol, proxy_tlvs = excluded.proxy_tlvs,
        redirect_to_https = excluded.redirect_to_https,
        revision = excluded.revision, is_deleted = excluded.is_deleted, actor = excluded.actor,
        created_at = excluded.created_at, updated_at = excluded.updated_at`,
    ports: `
      insert into ${schema}.ports
        (key, address, port, service, backend_port, weight, others, proxy_protocol, proxy_tlvs, revision,
         is_deleted, actor, created_at, updated_at)
      select row.key, row.address, row.port, row.service, row.backend_port, row.weight, row.others,
        row.proxy_protocol, row.proxy_tlvs, row.revision, row.is_deleted, row.actor,
        coalesce(row.created_at, old.created_at, row.updated_at), row.updated_at
      from jsonb_populate_recordset(null::${schema}.ports, $1) as row
      left join ${schema}.ports as old on old.key = row.key
      on conflict (key) do update set
        service = excluded.service, backend_port = excluded.backend_port,
        weight = excluded.weight, others = excluded.others,
        proxy_protocol = excluded.proxy_protocol, proxy_tlvs = excluded.proxy_tlvs, revision = excluded.revision,
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
    domains: `
      insert into ${schema}.domains
        (key, domain, org, state, token, proof, is_platform, revision, is_deleted, actor, updated_at)
      select key, domain, org, state, token, proof, is_platform, revision, is_deleted, actor, updated_at
      from jsonb_populate_recordset(null::${schema}.domains, $1)
      on conflict (key) do update set
        state = excluded.state, token = excluded.token, proof = excluded.proof,
        is_platform = excluded.is_platform, revision = excluded.revision, is_deleted = excluded.is_deleted,
        actor = excluded.actor, updated_at = excluded.updated_at`,
    addresses: `
      insert into ${schema}.addresses (key, address, org, revision, is_deleted, actor, updated_at)
      select key, address, org, revision, is_deleted, actor, updated_at
      from jsonb_populate_recordset(null::${schema}.addresses, $1)
      on conflict (key) do update set
        org = excluded.org, revision = excluded.revision, is_deleted = excluded.is_deleted,
        actor = excluded.actor, updated_at = excluded.updated_at`,
    addressPools: `
      insert into ${schema}.address_pool (key, ranges, revision, is_deleted, actor, updated_at)
      select key, ranges, revision, is_deleted, actor, updated_at
      from jsonb_populate_recordset(null::${schema}.address_pool, $1)
      on conflict (key) do update set
        ranges = excluded.ranges, revision = excluded.revision, is_deleted = excluded.is_deleted,
        actor = excluded.actor, updated_at = excluded.updated_at`,
    policies: `
      insert into ${schema}.policies
        (key, org, port_quota, address_quota, cool_down_ms, revision, is_deleted, actor, updated_at)
      select key, org, port_quota, address_quota, cool_down_ms, revision, is_deleted, actor, updated_at
      from jsonb_populate_recordset(null::${schema}.policies, $1)
      on conflict (key) do update set
        port_quota = excluded.port_quota, address_quota = excluded.address_quota,
        cool_down_ms = excluded.cool_down_ms, revision = excluded.revision, is_deleted = excluded.is_deleted,
        actor = excluded.actor, updated_at = excluded.updated_at`,
  };
}
