import type { Address } from '../../model/address.ts';
import type { Statements } from '../database.ts';

/** The ports that are bound on a dedicated address, from the log. Whoever decides by it holds the allocation lock. */
export async function loadPortsOn(transaction: Statements, address: Address): Promise<readonly number[]> {
  const rows = await transaction.query<{ readonly port: number }>(SELECT_PORTS, [address]);
  return rows.map(({ port }) => port);
}

const SELECT_PORTS = `
  select port from (
    select distinct on (stream) type, (payload ->> 'port')::integer as port from weir.events
    where type in ('port.allocated', 'port.released') and payload ->> 'address' = $1
    order by stream, stream_version desc
  ) as last
  where type = 'port.allocated'
  order by port`;
