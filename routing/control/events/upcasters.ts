import { addAlpn, addProxyTlvs } from '../../model/older-routes.ts';
import { isRecord } from '../../model/shape.ts';
import type { EventType } from './event.ts';

/** Turns a payload of one version into one of the next. */
type Upcast = (payload: unknown) => unknown;

/** For each type the steps from version 1 on: the first makes version 2 out of version 1, and so on. */
export type Upcasters = { readonly [Type in EventType]?: readonly Upcast[] };

/**
 * Events are never rewritten: what changes the shape of a payload comes with a step here, and the version that is
 * written rises by itself.
 */
export const UPCASTERS: Upcasters = {
  'route.created': [addBackends, addProxyTlvs, addAlpn],
  'route.updated': [addBackends, addProxyTlvs, addAlpn],
  'route.deleted': [addBackends, addProxyTlvs, addAlpn],
  'port.allocated': [addBackendsAndAddress, addProxyTlvs],
  'port.updated': [addProxyTlvs],
  'port.released': [addBackendsAndAddress, addProxyTlvs],
};

/** The version in which events of this type are written. */
export function currentVersion(type: EventType, upcasters: Upcasters = UPCASTERS): number {
  return (upcasters[type]?.length ?? 0) + 1;
}

/** Version 1 had one backend and no weights. What is no object stays as it is, for the decoder to refuse. */
function addBackends(payload: unknown): unknown {
  return isRecord(payload) ? { ...payload, weight: 1, others: [] } : payload;
}

/** Version 1 of a port was always one of the shared addresses. */
function addBackendsAndAddress(payload: unknown): unknown {
  const upcast = addBackends(payload);
  return isRecord(upcast) ? { ...upcast, address: null } : upcast;
}
