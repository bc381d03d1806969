import type { Address } from '../../model/address.ts';
import type { Name } from '../../model/name.ts';
import type { Statements } from '../database.ts';
import type { EventRow } from '../events/decode-event.ts';
import { EVENT_COLUMNS, readable } from '../events/event-log.ts';
import { COOL_DOWN } from './policy.ts';

/** An address that is not free for everybody. */
export interface StandingAddress {
  readonly address: Address;
  readonly org: Name;
  /** When it has cooled down; null while the org has it. */
  readonly freeAt: Date | null;
}

/** The addresses that orgs have, or have lately released, from the log. Whoever decides by it holds the allocation lock. */
export async function loadAddresses(transaction: Statements): Promise<readonly StandingAddress[]> {
  const rows = await transaction.query<AddressRow>(SELECT_ADDRESSES);
  return rows.map(standingAddress).filter((address) => address !== null);
}

interface AddressRow extends EventRow {
  readonly free_at: Date;
  readonly is_cooling: boolean;
}

const SELECT_ADDRESSES = `
  select ${EVENT_COLUMNS}, events.recorded_at + policy.cool_down as free_at,
    clock_timestamp() < events.recorded_at + policy.cool_down as is_cooling
  from (
    select distinct on (stream) * from weir.events
    where type in ('address.allocated', 'address.released')
    order by stream, stream_version desc
  ) as events
  cross join (select ${COOL_DOWN} as cool_down) as policy`;

function standingAddress(row: AddressRow): StandingAddress | null {
  const { event } = readable(row);
  switch (event.type) {
    case 'address.allocated':
      return { ...event.payload, freeAt: null };
    case 'address.released':
      return row.is_cooling ? { ...event.payload, freeAt: row.free_at } : null;
    default:
      return null;
  }
}
