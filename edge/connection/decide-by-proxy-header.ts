import { type ProxyHeader, peekProxyHeader } from '../wire/proxy-header.ts';
import type { ConnectionFacts } from './facts.ts';
import { type Decision, NEED_HEADER } from './plan.ts';
import type { TrustedSources } from './trusted-sources.ts';
import { refuse } from './verdict.ts';

/**
 * Decides about the PROXY header that a listener's connections may or must begin with; null where there is none to read
 * (any more), and the bytes are the client's own.
 *
 * What a source that is not trusted sends is never a header: on an `optional` listener its bytes are decided on as they
 * are. A header comes once; a second one is the client's bytes.
 */
export function decideByProxyHeader(
  peeked: Uint8Array,
  facts: ConnectionFacts,
  sources: TrustedSources,
): Decision | null {
  const { name, peek, inbound } = facts.listener;
  if (inbound.proxyProtocol === 'off' || facts.proxied !== null) return null;
  const isRequired = inbound.proxyProtocol === 'required';
  const header = peekProxyHeader(peeked);
  if (header.kind === 'not-proxy' && !isRequired) return null;
  if (!sources.has(name, facts.peerAddress)) return isRequired ? refuse('proxy-untrusted', peek) : null;

  switch (header.kind) {
    case 'incomplete':
      return NEED_HEADER;
    case 'not-proxy':
      return refuse('proxy-missing', peek);
    case 'malformed':
      return refuse('proxy-malformed', peek);
    case 'header':
      return proxiedBy(header);
    default:
      throw new Error('unknown header', { cause: header satisfies never });
  }
}

function proxiedBy({ consumed, ends, tlvs }: ProxyHeader): Decision {
  return {
    kind: 'proxied',
    headerBytes: consumed,
    by: { source: ends?.source ?? null, destination: ends?.destination ?? null, ...tlvs },
  };
}
