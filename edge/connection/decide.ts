import { hasCandidate } from '../upstream/weighted.ts';
import { peekHttpHead } from '../wire/http-head.ts';
import { decideByHost } from './decide-by-host.ts';
import { decideBySni } from './decide-by-sni.ts';
import type { ConnectionFacts } from './facts.ts';
import { type Lookup, refuse, type Verdict } from './verdict.ts';

/**
 * Says what is to become of a connection, given all bytes that came so far. Pure: touches no socket, no clock and no
 * counter, and keeps nothing of `peeked`.
 *
 * Bytes that cannot be read are never taken for bytes without a name: only TLS without SNI, and HTTP/1.0 without Host,
 * go by the listener's default alone.
 */
export function decide(peeked: Uint8Array, facts: ConnectionFacts, table: Lookup): Verdict {
  const { cursor, listener } = facts;
  const { peek, binding, httpsPort } = listener;
  switch (peek) {
    case 'tls':
      return decideBySni(peeked, cursor?.kind === 'hello' ? cursor.hello : undefined, table);
    case 'http':
      return decideByHost(
        peekHttpHead(peeked, cursor?.kind === 'head' ? cursor.head : undefined),
        table,
        httpsPort,
      );
    case 'none':
      return decideByPort(binding, table);
    default:
      throw new Error(`a listener cannot peek at ${String(peek satisfies never)}`);
  }
}

/** The port is all there is: on most raw protocols it is the server that speaks first. */
function decideByPort(binding: string | null, table: Lookup): Verdict {
  const target = binding === null ? null : table.port(binding);
  if (target === null) return refuse('unbound-port', 'none');
  if (!hasCandidate(target)) return refuse('no-endpoint', 'none', { target });
  return {
    kind: 'forward',
    target,
    serverName: null,
    alpn: [],
    hasEch: false,
    tlsVersion: null,
    isHead: false,
  };
}
