import { type Domain, domainAndAbove } from '../../model/domain.ts';
import type { Statements } from '../database.ts';
import type { EventRow } from '../events/decode-event.ts';
import type { DomainClaim } from '../events/event.ts';
import { EVENT_COLUMNS, readable } from '../events/event-log.ts';
import { COOL_DOWN } from './policy.ts';
import type { StandingClaim } from './standing-claim.ts';

/** Which domains, beside the one that is asked about. */
export type Reach = 'above' | 'above-and-below';

/**
 * What orgs claim, hold or have lately released, of this domain and of those above it, and below it as well where that is
 * asked for. From the log, so it is right at once; whoever decides by it holds the name's lock (`lockName`).
 */
export async function loadClaims(
  transaction: Statements,
  domain: Domain,
  reach: Reach,
): Promise<readonly StandingClaim[]> {
  const below = `${reversed(domain)}.`;
  const rows = await transaction.query<ClaimRow>(SELECT_CLAIMS, [
    domainAndAbove(domain).map(reversed),
    reach === 'above' ? null : below,
    // What begins with "moc.elpmaxe." is less than "moc.elpmaxe/", the next letter in ASCII.
    reach === 'above' ? null : `${below.slice(0, -1)}/`,
  ]);
  return rows.map(standingClaim).filter((claim) => claim !== null);
}

/** A name whose letters stand in reverse: what is below another name begins like it. */
export function reversed(name: string): string {
  return [...name].reverse().join('');
}

interface ClaimRow extends EventRow {
  readonly free_at: Date;
  readonly is_cooling: boolean;
}

const SELECT_CLAIMS = `
  select ${EVENT_COLUMNS}, events.recorded_at + policy.cool_down as free_at,
    clock_timestamp() < events.recorded_at + policy.cool_down as is_cooling
  from (
    select distinct on (stream) * from weir.events
    where payload ->> 'domain' is not null
      and (reverse(payload ->> 'domain') collate "C" = any ($1::text[])
        or reverse(payload ->> 'domain') collate "C" >= $2 and reverse(payload ->> 'domain') collate "C" < $3)
    order by stream, stream_version desc
  ) as events
  cross join (select ${COOL_DOWN} as cool_down) as policy`;

/** Null for what is over: given up before it was proved, or long enough ago. */
function standingClaim(row: ClaimRow): StandingClaim | null {
  const { event } = readable(row);
  switch (event.type) {
    case 'domain.claimed':
      return standing(event.payload, 'pending');
    case 'domain.granted':
      return standing(event.payload, 'held');
    case 'domain.released':
      if (event.payload.proof === 'none' || !row.is_cooling) return null;
      return { claim: event.payload, state: 'cooling', freeAt: row.free_at };
    default:
      return null;
  }
}

function standing(claim: DomainClaim, state: 'pending' | 'held'): StandingClaim {
  return { claim, state, freeAt: null };
}
