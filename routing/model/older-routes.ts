import { isRecord } from './shape.ts';

/**
 * What a route or a port of before its shape had a field means today, wherever it was kept: in an event, in a snapshot.
 * What is no object stays as it is, for its decoder to refuse.
 */

/** Before TLVs could be chosen a PROXY v2 header always had these two, which is what its backends may count on. */
export function addProxyTlvs(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return { ...value, proxyTlvs: value['proxyProtocol'] === 'v2' ? ['alpn', 'crc32c'] : [] };
}

/** Before a route could ask for a protocol it took all clients. */
export function addAlpn(value: unknown): unknown {
  return isRecord(value) ? { ...value, alpn: null } : value;
}
