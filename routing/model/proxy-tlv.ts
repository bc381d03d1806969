import { ok, type Parsed } from './parsed.ts';
import { list, oneOf } from './shape.ts';

/**
 * What a PROXY v2 header may say beside the addresses, where a route asks for it: the one ALPN that a client offers, an id
 * of the connection, a checksum, and the route's own org, app and env. The client's name is always said where there is one.
 */
export const PROXY_TLVS = ['alpn', 'unique-id', 'crc32c', 'org', 'app', 'env'] as const;
export type ProxyTlv = (typeof PROXY_TLVS)[number];

/** Reads a list of them: each once, in the order above, so that equal lists are the same. */
export function parseProxyTlvs(input: unknown): Parsed<readonly ProxyTlv[]> {
  const named = NAMES(input);
  return named.kind === 'ok' ? ok(PROXY_TLVS.filter((tlv) => named.value.includes(tlv))) : named;
}

/** What is wrong with the choice; null where there is a header to say them in, or none is chosen. */
export function proxyTlvsProblem(target: {
  readonly proxyProtocol: string;
  readonly proxyTlvs: readonly ProxyTlv[];
}): { readonly field: 'proxyTlvs'; readonly problem: string } | null {
  if (target.proxyProtocol !== 'none' || target.proxyTlvs.length === 0) return null;
  return { field: 'proxyTlvs', problem: 'needs the PROXY protocol v2' };
}

const NAMES = list(oneOf(PROXY_TLVS));

/** `PROXY v2`, or with TLVs `PROXY v2 (alpn, crc32c)`. */
export function proxyText(target: {
  readonly proxyProtocol: string;
  readonly proxyTlvs: readonly string[];
}): string {
  const tlvs = target.proxyTlvs.length === 0 ? '' : ` (${target.proxyTlvs.join(', ')})`;
  return `PROXY ${target.proxyProtocol}${tlvs}`;
}
