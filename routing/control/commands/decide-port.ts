import type { Port } from '../../model/port.ts';
import type { PortBinding } from '../../model/route.ts';
import type { ControlEvent, PortPool } from '../events/event.ts';
import {
  conflict,
  type Decision,
  invalidField,
  notFound,
  type Refusal,
  record,
  UNCHANGED,
} from './decision.ts';

/** The binding that is there after a stream's last event, null where the port is free. */
export function bindingAfter(last: ControlEvent | null): PortBinding | null {
  return last?.type === 'port.allocated' ? last.payload : null;
}

/** The pool after the last event of its stream, null where none was ever defined. */
export function poolAfter(last: ControlEvent | null): PortPool | null {
  return last?.type === 'port-pool.defined' ? last.payload : null;
}

/** Only a free port, and of the pool where there is one. */
export function decideAllocatePort(
  pool: PortPool | null,
  present: PortBinding | null,
  binding: PortBinding,
): Decision {
  const { port } = binding;
  if (pool !== null && (port < pool.first || port > pool.last)) {
    return invalidField('port', `must be in the pool, which is ${pool.first}-${pool.last}`);
  }
  if (present !== null) {
    // Not more than the org: what another tenant runs is nobody's business.
    return conflict(`port ${port} is taken by the org ${present.service.split('/')[0]}`);
  }
  return record({ type: 'port.allocated', payload: binding });
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
export function decideReleasePort(present: PortBinding | null, port: Port): Decision {
  if (present === null) return notFound(`port ${port} is not allocated`);
  return record({ type: 'port.released', payload: present });
}

/** Ports that were allocated outside of the new pool stay allocated. */
export function decideDefinePortPool(present: PortPool | null, pool: PortPool): Decision {
  if (present !== null && present.first === pool.first && present.last === pool.last) return UNCHANGED;
  return record({ type: 'port-pool.defined', payload: pool });
}
