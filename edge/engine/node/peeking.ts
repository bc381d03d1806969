import type { Reason } from '../../connection/outcome.ts';
import type { Decision } from '../../connection/plan.ts';
import type { EngineHost, EngineLimits } from '../contract.ts';
import { defect } from '../defect.ts';
import { GrowingBytes } from '../growing-bytes.ts';
import type { ClientFacts } from './client-facts.ts';

/** Nothing is decided yet; so many bytes are kept for it. */
interface Waiting {
  readonly kind: 'waiting';
  readonly keptBytes: number;
}

/** The engine itself has decided, on what no decision says. */
interface Failed {
  readonly kind: 'failed';
  readonly reason: Reason;
}

export type Peeked = Waiting | Failed | Extract<Decision, { kind: 'refuse' | 'forward' }>;

const NO_BYTES = new Uint8Array(0);

/** The first bytes of one connection, from the accept to the decision. */
export class Peeking {
  readonly #host: EngineHost;
  readonly #limits: EngineLimits;
  readonly #facts: ClientFacts;
  /** A copy: reads go into shared buffers. */
  #held: Uint8Array | null = null;
  /** Where `#held` stands while it grows, from the second read on. */
  #growing: GrowingBytes | null = null;
  /** What came so far is a part of a PROXY header. */
  #isInHeader = false;

  constructor(host: EngineHost, limits: EngineLimits, facts: ClientFacts) {
    this.#host = host;
    this.#limits = limits;
    this.#facts = facts;
  }

  /** What to replay, after a `forward`: the caller's own. */
  get held(): Uint8Array | null {
    return this.#held;
  }

  /** Asks before the client has said anything, where that is all there is to go by or a header comes first. */
  begin(): Peeked {
    const { peek, inbound } = this.#facts.listener;
    if (peek === 'none' || inbound.proxyProtocol === 'required') return this.#decide(NO_BYTES);
    return { kind: 'waiting', keptBytes: 0 };
  }

  /** Asks with what has just come, which may stand in a shared buffer. */
  take(arrived: Uint8Array): Peeked {
    if (this.#held === null) return this.#decide(arrived);
    this.#growing ??= new GrowingBytes(this.#held);
    return this.#decide(this.#growing.append(arrived));
  }

  /** How long to wait in all, in milliseconds from the accept, for the next of two deadlines. */
  firstDeadlineMs(): number {
    const { peek, inbound } = this.#facts.listener;
    const { helloTimeoutMs, proxyHeaderTimeoutMs } = this.#limits;
    const helloMs = peek === 'none' ? Number.POSITIVE_INFINITY : helloTimeoutMs;
    const headerMs = inbound.proxyProtocol === 'off' ? Number.POSITIVE_INFINITY : proxyHeaderTimeoutMs;
    return Math.min(helloMs, headerMs);
  }

  /** A deadline has passed, `elapsedMs` after the accept: what for, or how long to wait on for the other. */
  late(elapsedMs: number): Reason | { readonly leftMs: number } {
    if (this.#isInHeader) return 'proxy-timeout';
    const leftMs = this.#limits.helloTimeoutMs - elapsedMs;
    return leftMs > 0 ? { leftMs } : 'hello-timeout';
  }

  #decide(peeked: Uint8Array): Peeked {
    let decision: Decision;
    try {
      decision = this.#host.decide(peeked, this.#facts);
    } catch (error) {
      this.#host.warn(defect(error));
      return { kind: 'failed', reason: 'internal-error' };
    }
    switch (decision.kind) {
      case 'need-header':
        this.#isInHeader = true;
        return this.#keep(peeked);
      case 'proxied':
        this.#isInHeader = false;
        this.#facts.proxied = decision.by;
        // They begin with the header.
        this.#growing = null;
        this.#held = null;
        return this.#decide(peeked.subarray(decision.headerBytes));
      case 'need-more':
        // A hello that says itself that it will be too large is not waited for.
        if (Math.max(peeked.length + 1, decision.leastBytes ?? 0) > this.#limits.maxHelloBytes) {
          return { kind: 'failed', reason: 'hello-too-large' };
        }
        this.#isInHeader = false;
        this.#facts.cursor = decision.cursor;
        return this.#keep(peeked);
      case 'refuse':
        return decision;
      case 'forward':
        this.#keep(peeked);
        return decision;
      default:
        return decision satisfies never;
    }
  }

  /**
   * Keeps what was shown to a decision: it stands in a buffer that others use, unless it had been put together here. The
   * copy has memory of its own: a few bytes in a pool hold on to all of the pool.
   */
  #keep(peeked: Uint8Array): Waiting {
    this.#held = this.#held === null ? new Uint8Array(peeked) : peeked;
    return { kind: 'waiting', keptBytes: this.#growing?.room ?? peeked.length };
  }
}
