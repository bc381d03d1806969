import { targetOf, weightedCandidates } from '../upstream/weighted.ts';
import { encodeProxyV2 } from '../wire/proxy-v2.ts';
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
 * Turns a verdict into a plan. Takes the next turn of the target and of the service chosen, and asks for the connection's addresses only where the
 * route sends them on.
 */
export function planForward(verdict: Forward, facts: ConnectionFacts, policy: ForwardPolicy): Plan {
  const bound = verdict.target;
  return {
    candidates: weightedCandidates(bound),
    dialTimeoutMs: policy.dialTimeoutMs,
    prelude: targetOf(bound).proxyProtocol === 'v2' ? proxyHeader(verdict, facts) : null,
    unreachableAnswer: unreachableAnswer(facts.listener.peek),
    idleTimeoutMs: policy.idleTimeoutMs,
    halfClosedTimeoutMs: policy.halfClosedTimeoutMs,
    serverName: verdict.serverName,
    route: bound.key,
    hasEch: verdict.hasEch,
  };
}

function proxyHeader(verdict: Forward, facts: ConnectionFacts): Uint8Array {
  const [offered, ...others] = verdict.alpn;
  return encodeProxyV2({
    source: { address: facts.clientAddress, port: facts.clientPort },
    destination: { address: facts.localAddress, port: facts.localPort },
    authority: verdict.serverName ?? undefined,
    // The TLV says which protocol is in use. Of several offers the backend picks, so only a single one is known here.
    alpn: others.length === 0 ? offered : undefined,
    hasChecksum: true,
  });
}
