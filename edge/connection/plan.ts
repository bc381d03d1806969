import type { PeekCursor, Proxied } from './facts.ts';
import type { Reason } from './outcome.ts';

/** One address to dial. */
export interface Candidate {
  readonly address: string;
  readonly port: number;
  /** `org/app/env/process`: the service that it is an endpoint of. */
  readonly service: string;
}

/**
 * Everything that an engine needs to know to carry a connection from the decision to its end, as plain data: an engine
 * never asks why, and never changes a plan.
 */
export interface Plan {
  /** Dialled in order until one answers. At least one. */
  readonly candidates: readonly Candidate[];
  /** For each candidate. */
  readonly dialTimeoutMs: number;
  /** Goes first on the backend connection, in one write with the peeked bytes: a PROXY v2 header, or null. */
  readonly prelude: Uint8Array | null;
  /** What the client is sent when no candidate answers: an alert, an HTTP answer, or null for a bare close. */
  readonly unreachableAnswer: Uint8Array | null;
  /** No byte in either direction for this long ends the connection; 0 means no limit. */
  readonly idleTimeoutMs: number;
  /** The same once one direction has ended; 0 means no limit. */
  readonly halfClosedTimeoutMs: number;
  /** From here on for the outcome only. */
  readonly serverName: string | null;
  readonly route: string;
  readonly hasEch: boolean;
  /** What the prelude says as the connection's id; null where it says none. */
  readonly uniqueId: string | null;
  readonly ja4: string | null;
}

/** What is to become of a connection, given the bytes so far. */
export type Decision =
  | NeedMore
  /** The same, within what can still become a PROXY header: its reader bounds how long that may be. */
  | { readonly kind: 'need-header' }
  /** The first `headerBytes` are a PROXY header: they are dropped, its facts hold, and what follows is decided on. */
  | { readonly kind: 'proxied'; readonly headerBytes: number; readonly by: Proxied }
  | Refusal
  | { readonly kind: 'forward'; readonly plan: Plan };

export interface NeedMore {
  readonly kind: 'need-more';
  /** It takes at least so many bytes in all; absent where that is not known. More than the cap is refused at once. */
  readonly leastBytes?: number;
  /** For the facts of the same connection's next decision; absent where nothing can be gained by it. */
  readonly cursor?: PeekCursor;
}

export interface Refusal {
  readonly kind: 'refuse';
  readonly reason: Reason;
  /** Sent before the close; null closes without a word. */
  readonly answer: Uint8Array | null;
  readonly serverName: string | null;
  readonly route: string | null;
  readonly service: string | null;
  readonly hasEch: boolean;
  readonly ja4: string | null;
}

export const NEED_HEADER = { kind: 'need-header' } as const satisfies Decision;
