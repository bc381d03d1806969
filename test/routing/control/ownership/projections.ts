import type { Statements } from '../../../../routing/control/database.ts';

/** A row that is there, by its table and key. */
export type Rows = Readonly<Record<string, unknown>>;

/** The projections as they are, without tombstones, revisions and times. */
export async function readProjections(database: Statements): Promise<Rows> {
  return rowsOf(await database.query<{ key: string; row: unknown }>(PROJECTED));
}

/** What the projections have to be, by the last event of each stream. */
export async function foldLastEvents(database: Statements): Promise<Rows> {
  return rowsOf(await database.query<{ key: string; row: unknown }>(FOLDED));
}

function rowsOf(rows: readonly { readonly key: string; readonly row: unknown }[]): Rows {
  return Object.fromEntries(rows.map(({ key, row }) => [key, row]));
}

const PROJECTED = `
  select kind || '/' || key as key, body as row from weir.changes where body is not null
  union all
  select 'domain/' || key, jsonb_build_object('domain', domain, 'org', org, 'token', token, 'proof', proof,
    'isPlatform', is_platform, 'state', state) from weir.domains where not is_deleted
  union all
  select key, jsonb_build_object('address', address, 'org', org) from weir.addresses where not is_deleted
  union all
  select key, jsonb_build_object('first', first_port, 'last', last_port) from weir.port_pool
  union all
  select key, jsonb_build_object('ranges', ranges) from weir.address_pool
  union all
  select key, jsonb_strip_nulls(jsonb_build_object('org', org, 'portQuota', port_quota,
    'addressQuota', address_quota, 'coolDownMs', cool_down_ms)) from weir.policies
  order by key`;

// What was there before the first event, which has the number 1, is in no projection.
const FOLDED = `
  select case when stream like 'port/%' then 'port/' || stream else stream end as key,
    case
      when type like 'endpoint.%' then payload - 'state' || jsonb_build_object('isReady', payload ->> 'state' = 'ready')
      when type like 'domain.%' then payload || jsonb_build_object(
        'state', case type when 'domain.granted' then 'held' else 'pending' end)
      when type like '%policy.defined' then payload || jsonb_build_object(
        'portQuota', payload ->> 'portQuota', 'addressQuota', payload ->> 'addressQuota')
      else payload end as row
  from (select distinct on (stream) * from weir.events where seq > 0 order by stream, stream_version desc) as last
  where type not like '%.released' and type <> 'route.deleted' and payload ->> 'state' is distinct from 'gone'
  order by key`;
