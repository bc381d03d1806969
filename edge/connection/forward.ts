import { randomUUID } from 'node:crypto';
import type { Target } from '../../routing/model/route.ts';
import { targetOf, weightedCandidates } from '../upstream/weighted.ts';
import { encodeProxyV2, type ProxyV2Header } from '../wire/proxy-v2.ts';
import { unreachableAnswer } from './answer.ts';
import type { ConnectionFacts } from './facts.ts';
import type { Plan } from './plan.ts';
import type { Forward } from './verdict.ts';

/** The times that a plan carries. */
export interface ForwardPolicy {
  /** For each candidate. */
  readonly dialTimeoutMs: number;
  /** 0 means no limit. */
  readonly idleTimeoutMs: number;
  /** 0 means no limit. */
  readonly halfClosedTimeoutMs: number;
}

/**
 * Turns a verdict into a plan. Takes the next turn of the target and of the service chosen, and asks for the connection's
 * addresses only where the route sends them on.
 */
export function planForward(verdict: Forward, facts: ConnectionFacts, policy: ForwardPolicy): Plan {
  const bound = verdict.target;
  const target = targetOf(bound);
  const header = target.proxyProtocol === 'v2' ? proxyHeader(verdict, target, facts) : null;
  return {
    candidates: weightedCandidates(bound),
    dialTimeoutMs: policy.dialTimeoutMs,
    prelude: header === null ? null : encodeProxyV2(header),
    unreachableAnswer: unreachableAnswer(facts.listener.peek, verdict),
    idleTimeoutMs: policy.idleTimeoutMs,
    halfClosedTimeoutMs: policy.halfClosedTimeoutMs,
    serverName: verdict.serverName,
    route: bound.key,
    hasEch: verdict.hasEch,
    uniqueId: header?.uniqueId ?? null,
    ja4: null,
  };
}

function proxyHeader(verdict: Forward, target: Target, facts: ConnectionFacts): ProxyV2Header {
  const { listener, proxied } = facts;
  // Of a raw TCP connection only the load balancer in front may know more, where it took TLS away or peeked itself.
  const told = listener.peek === 'none' ? proxied : null;
  const header = {
    source: { address: facts.clientAddress, port: facts.clientPort },
    destination: { address: facts.localAddress, port: facts.localPort },
    authority: verdict.serverName ?? told?.authority ?? undefined,
  };
  const tlvs = target.proxyTlvs;
  if (tlvs.length === 0) return header;
  // One header goes to whichever backend answers, so it names the route's first, as the route itself does.
  const [org, app, env] = target.service.split('/');
  const [offered, ...others] = verdict.alpn;
  return {
    ...header,
    // The TLV says which protocol is in use. Of several offers the backend picks, so only a single one is known here.
    alpn: tlvs.includes('alpn') && others.length === 0 ? (offered ?? told?.alpn ?? undefined) : undefined,
    // §2.2.5: the id is the first proxy's, so that all layers can be found by it.
    uniqueId: tlvs.includes('unique-id') ? (proxied?.uniqueId ?? randomUUID()) : undefined,
    org: tlvs.includes('org') ? org : undefined,
    app: tlvs.includes('app') ? app : undefined,
    env: tlvs.includes('env') ? env : undefined,
    hasChecksum: tlvs.includes('crc32c'),
  };
}
