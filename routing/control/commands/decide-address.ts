import type { Address } from '../../model/address.ts';
import { type Ipv4Range, ipv4Address, ipv4Number, isInRange, rangeText } from '../../model/ipv4-range.ts';
import type { AddressHolding, AddressPool, ControlEvent } from '../events/event.ts';
import type { StandingAddress } from '../ownership/load-addresses.ts';
import type { Quotas } from '../ownership/policy.ts';
import {
  conflict,
  type Decision,
  invalidField,
  notAllowed,
  notFound,
  record,
  UNCHANGED,
} from './decision.ts';
import type { AddressRequest } from './parse-ownership.ts';

/** The pool after the last event of its stream, null where none was ever defined. */
export function addressPoolAfter(last: ControlEvent | null): AddressPool | null {
  return last?.type === 'address-pool.defined' ? last.payload : null;
}

/** Who has an address after the last event of its stream, null where nobody has. */
export function holdingAfter(last: ControlEvent | null): AddressHolding | null {
  return last?.type === 'address.allocated' ? last.payload : null;
}

/** What is known when an address is chosen. */
export interface AddressFacts {
  readonly pool: AddressPool | null;
  /** The operator names an address, whatever the pool is. */
  readonly isTrusted: boolean;
  readonly taken: readonly StandingAddress[];
  readonly quotas: Quotas;
  /** How many addresses the org has. */
  readonly owned: number;
}

/** Only of the pool, within the quota, and free; the lowest such where none is named. `present` has the one that is. */
export function decideAllocateAddress(
  present: AddressHolding | null,
  request: AddressRequest,
  facts: AddressFacts,
): Decision {
  const { pool, taken, quotas, owned } = facts;
  const { org } = request;
  if (present?.org === org) return UNCHANGED;
  const isOutsidePossible = facts.isTrusted && request.address !== null;
  if (pool === null && !isOutsidePossible) {
    return invalidField(
      'address',
      'is one of the pool, and no pool is defined; define one with `weir address pool RANGE …`',
    );
  }
  const problem = request.address === null || pool === null ? null : problemOf(request.address, pool);
  if (problem !== null && !isOutsidePossible) return invalidField('address', problem);
  const refusal = request.address === null ? null : refusalOfTaken(request.address, request, taken);
  if (refusal !== null) return refusal;

  if (quotas.addresses !== 'none' && owned >= quotas.addresses) {
    if (quotas.addresses === 0) {
      return notAllowed(
        `the org ${org} may have no dedicated addresses, its quota being 0; raise it with \`weir policy set --org ${org} --addresses N\``,
      );
    }
    const has = owned === 1 ? '1 dedicated address' : `${owned} dedicated addresses`;
    return notAllowed(
      `the org ${org} has ${has}, and its quota is ${quotas.addresses}; release one, or raise it with \`weir policy set --org ${org} --addresses N\``,
    );
  }
  const address = request.address ?? (pool === null ? null : lowestFree(pool, org, taken));
  if (address === null) {
    return conflict(
      `every address of the pool (${pool?.ranges.map(rangeText).join(', ')}) is taken or cooling down; widen the pool`,
    );
  }
  return record({ type: 'address.allocated', payload: { address, org } });
}

/** Only what nothing is bound on any more. `ports` are those on the address. */
export function decideReleaseAddress(
  present: AddressHolding | null,
  address: Address,
  ports: readonly number[],
): Decision {
  if (present === null) return notFound(`${address} is not allocated`);
  if (ports.length > 0) {
    const which = ports.length === 1 ? 'port' : 'ports';
    return conflict(
      `${address} is in use by the ${which} ${ports.join(', ')}; release ${ports.length === 1 ? 'it' : 'them'} first`,
    );
  }
  return record({ type: 'address.released', payload: present });
}

/** Addresses that were allocated outside of the new pool stay allocated. */
export function decideDefineAddressPool(present: AddressPool | null, pool: AddressPool): Decision {
  const text = ({ ranges }: AddressPool) => ranges.map(rangeText).join();
  if (present !== null && text(present) === text(pool)) return UNCHANGED;
  return record({ type: 'address-pool.defined', payload: pool });
}

function problemOf(address: Address, pool: AddressPool): string | null {
  if (pool.ranges.some((range) => isInRange(address, range))) return null;
  return `must be in the pool, which is ${pool.ranges.map(rangeText).join(', ')}`;
}

function refusalOfTaken(
  address: Address,
  { org }: AddressRequest,
  taken: readonly StandingAddress[],
): Decision | null {
  const holder = taken.find((each) => each.address === address);
  if (holder === undefined) return null;
  if (holder.freeAt === null) return conflict(`${address} is taken by the org ${holder.org}`);
  if (holder.org === org) return null;
  return conflict(
    `${address} was released by another org and is kept from others until ${holder.freeAt.toISOString()}; try again then, or take another`,
  );
}

function lowestFree(pool: AddressPool, org: string, taken: readonly StandingAddress[]): Address | null {
  const kept = new Set(
    taken.filter((each) => each.freeAt === null || each.org !== org).map(({ address }) => address),
  );
  for (const range of pool.ranges) {
    const free = lowestOf(range, kept);
    if (free !== null) return free;
  }
  return null;
}

function lowestOf({ first, last }: Ipv4Range, kept: ReadonlySet<Address>): Address | null {
  for (let number = ipv4Number(first); number <= ipv4Number(last); number += 1) {
    const address = ipv4Address(number);
    if (!kept.has(address)) return address;
  }
  return null;
}
