import type { Name } from '../../model/name.ts';
import { type Port, parsePort } from '../../model/port.ts';
import { type Service, serviceKey } from '../../model/service.ts';
import type { Statements } from '../database.ts';

/** How many dedicated addresses an org has, from the log. Whoever decides by it holds the allocation lock. */
export function countAddresses(transaction: Statements, org: Name): Promise<number> {
  return count(transaction, 'address.allocated', org);
}

/** How many ports of the shared addresses an org has; those on its dedicated ones do not count. */
export function countSharedPorts(transaction: Statements, org: Name): Promise<number> {
  return count(transaction, 'port.allocated', org);
}

/** The lowest shared port that an org has for this service and backend port, null where there is none. */
export async function findBoundPort(
  transaction: Statements,
  { service, backendPort }: { readonly service: Service; readonly backendPort: Port },
): Promise<Port | null> {
  const [row] = await transaction.query<{ readonly port: number }>(FIND_BOUND, [
    service.org,
    serviceKey(service),
    backendPort,
  ]);
  const port = row === undefined ? null : parsePort(row.port);
  return port?.kind === 'ok' ? port.value : null;
}

const FIND_BOUND = `
  select (last.payload ->> 'port')::integer as port
  from (
    select distinct stream from weir.events
    where type = 'port.allocated' and type in ('port.allocated', 'address.allocated') and org = $1
      and payload ->> 'address' is null
  ) as had
  cross join lateral (
    select events.type, events.payload from weir.events
    where events.stream = had.stream order by events.stream_version desc limit 1
  ) as last
  where last.type <> 'port.released' and last.payload ->> 'service' = $2
    and (last.payload ->> 'backendPort')::integer = $3
  order by port limit 1`;

async function count(
  transaction: Statements,
  type: 'address.allocated' | 'port.allocated',
  org: Name,
): Promise<number> {
  const [row] = await transaction.query<{ readonly count: number }>(COUNT, [type, org]);
  return row?.count ?? 0;
}

/** Of the streams that the org ever had, those whose last event says that it still has them. */
const COUNT = `
  select count(*)::integer as count
  from (
    select distinct stream from weir.events
    where type = $1 and type in ('port.allocated', 'address.allocated') and org = $2
      and (type <> 'port.allocated' or payload ->> 'address' is null)
  ) as had
  cross join lateral (
    select events.type, events.org from weir.events
    where events.stream = had.stream order by events.stream_version desc limit 1
  ) as last
  where last.type not in ('port.released', 'address.released') and last.org = $2`;
