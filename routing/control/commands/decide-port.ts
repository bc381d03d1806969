import { isDeepStrictEqual } from 'node:util';
import type { Address } from '../../model/address.ts';
import type { Name } from '../../model/name.ts';
import type { PortBinding, PortPlace } from '../../model/route.ts';
import { orgOf } from '../../model/service.ts';
import type { AddressHolding, ControlEvent, PortPool } from '../events/event.ts';
import type { Quotas } from '../ownership/policy.ts';
import {
  conflict,
  type Decision,
  invalidField,
  notAllowed,
  notFound,
  type Refusal,
  record,
  UNCHANGED,
} from './decision.ts';

/** The binding that is there after a stream's last event, null where the port is free. */
export function bindingAfter(last: ControlEvent | null): PortBinding | null {
  return last?.type === 'port.allocated' || last?.type === 'port.updated' ? last.payload : null;
}

/** The pool after the last event of its stream, null where none was ever defined. */
export function poolAfter(last: ControlEvent | null): PortPool | null {
  return last?.type === 'port-pool.defined' ? last.payload : null;
}

/** What is known when a port is taken. */
export interface PortFacts {
  /** Of the shared addresses. */
  readonly pool: PortPool | null;
  readonly quotas: Quotas;
  /** How many shared ports the org has. */
  readonly owned: number;
  /** Who has the dedicated address that is asked for; null where nobody has it, or none is asked for. */
  readonly holding: AddressHolding | null;
}

/** Only a free port: a shared one of the pool and within the quota, or any of an address that the org has. */
export function decideAllocatePort(
  present: PortBinding | null,
  binding: PortBinding,
  facts: PortFacts,
): Decision {
  if (present !== null) {
    // Not more than the org: what another tenant runs is nobody's business.
    return conflict(`${placeText(binding)} is taken by the org ${orgOf(present.service)}`);
  }
  const refusal =
    binding.address === null
      ? refusalOfShared(binding, facts)
      : refusalOfDedicated(binding.address, orgOf(binding.service), facts.holding);
  return refusal ?? record({ type: 'port.allocated', payload: binding });
}

/** Makes an org's own binding what is wanted; one that is not there, or another org's, is a matter of allocating. */
export function decidePutPort(present: PortBinding | null, binding: PortBinding, facts: PortFacts): Decision {
  if (present === null || orgOf(present.service) !== orgOf(binding.service)) {
    return decideAllocatePort(present, binding, facts);
  }
  return isDeepStrictEqual(present, binding) ? UNCHANGED : record({ type: 'port.updated', payload: binding });
}

/** Without a port and without a pool there is nothing to choose from. */
export function refusalWithoutPool(): Refusal {
  return invalidField(
    'port',
    'is required while no pool is defined; define one with `weir port pool FIRST-LAST`',
  );
}

/** Every port of the pool is taken. */
export function refusalOfExhausted(pool: PortPool): Refusal {
  return conflict(
    `all ports of the pool ${pool.first}-${pool.last} are taken; release one, or widen the pool`,
  );
}

/** Only a port that is allocated. */
export function decideReleasePort(present: PortBinding | null, place: PortPlace): Decision {
  if (present === null) return notFound(`${placeText(place)} is not allocated`);
  return record({ type: 'port.released', payload: present });
}

/** Ports that were allocated outside of the new pool stay allocated. */
export function decideDefinePortPool(present: PortPool | null, pool: PortPool): Decision {
  if (present !== null && present.first === pool.first && present.last === pool.last) return UNCHANGED;
  return record({ type: 'port-pool.defined', payload: pool });
}

function refusalOfShared({ port, service }: PortBinding, { pool, quotas, owned }: PortFacts): Refusal | null {
  if (pool !== null && (port < pool.first || port > pool.last)) {
    return invalidField('port', `must be in the pool, which is ${pool.first}-${pool.last}`);
  }
  const org = orgOf(service);
  if (quotas.ports === 'none' || owned < quotas.ports) return null;
  if (quotas.ports === 0) {
    return notAllowed(
      `the org ${org} may have no shared ports, its quota being 0; raise it with \`weir policy set --org ${org} --ports N\``,
    );
  }
  return notAllowed(
    `the org ${org} has ${owned === 1 ? '1 port' : `${owned} ports`}, and its quota is ${quotas.ports}; release one, or raise it with \`weir policy set --org ${org} --ports N\``,
  );
}

function refusalOfDedicated(address: Address, org: Name, holding: AddressHolding | null): Refusal | null {
  if (holding?.org === org) return null;
  if (holding !== null) return conflict(`${address} is taken by the org ${holding.org}`);
  return notAllowed(
    `the org ${org} has not been given ${address}; allocate it first with \`weir address allocate --org ${org} --address ${address}\``,
  );
}

function placeText({ address, port }: PortPlace): string {
  return address === null ? `port ${port}` : `port ${port} of ${address}`;
}
