import type { Hostname } from '../../routing/model/hostname.ts';
import type { RouteTable } from '../../routing/table/route-table.ts';
import type { BoundPort, BoundRoute } from '../../routing/table/table.ts';
import { answerFor } from './answer.ts';
import type { Peek } from './facts.ts';
import type { Reason } from './outcome.ts';
import type { NeedMore, Refusal } from './plan.ts';

/** The part of the route table that a decision reads. */
export type Lookup = Pick<RouteTable, 'route' | 'isRouted' | 'port'>;

/** What `decide` says: a decision before it is known which endpoint is dialled. */
export type Verdict = NeedMore | Refusal | Forward;

export interface Forward {
  readonly kind: 'forward';
  /** There is somebody to dial (`hasCandidate`). */
  readonly target: BoundRoute | BoundPort;
  /** The name from SNI or Host; null for a raw TCP port, and where a default route took a client without a name. */
  readonly serverName: Hostname | null;
  /** The protocols that a TLS client offers, in its order; empty for everything else. */
  readonly alpn: readonly string[];
  /** Whether a TLS client offered Encrypted Client Hello: `serverName` is the outer name then. */
  readonly hasEch: boolean;
  /** The highest version that a TLS client speaks; null for everything else. */
  readonly tlsVersion: number | null;
  /** Whether it is an HTTP request by HEAD, whose answer has no body. */
  readonly isHead: boolean;
}

/** What is known of a connection when it is refused; absent where it was not found out. */
interface Known {
  readonly serverName?: Hostname | null;
  readonly target?: BoundRoute | BoundPort;
  readonly hasEch?: boolean;
  readonly tlsVersion?: number;
  /** Instead of what the reason alone would send. */
  readonly answer?: Uint8Array | null;
}

const NOTHING: Known = {};

/** A refusal with the answer that belongs to its reason, unless a better one is known. */
export function refuse(reason: Reason, peek: Peek, known: Known = NOTHING): Refusal {
  return {
    kind: 'refuse',
    reason,
    answer: known.answer === undefined ? answerFor(reason, peek, known.tlsVersion) : known.answer,
    serverName: known.serverName ?? null,
    route: known.target?.key ?? null,
    service: known.target?.service.key ?? null,
    hasEch: known.hasEch ?? false,
    ja4: null,
  };
}
