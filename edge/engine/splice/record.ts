import type { ConnectionFacts, Proxied } from '../../connection/facts.ts';
import type { Outcome } from '../../connection/outcome.ts';
import type { Plan, Refusal } from '../../connection/plan.ts';
import { GrowingBytes } from '../growing-bytes.ts';
import { placeText } from '../place-text.ts';
import type { MailedOutcome } from './mailbox.ts';

/** What TypeScript keeps of a live connection, from the first decision that says more than yes or no. */
export class ConnectionRecord {
  /** What a PROXY header said, which is no longer among the bytes. */
  proxied: Proxied | null = null;
  plan: Plan | null = null;
  refusal: Refusal | null = null;
  cursor: ConnectionFacts['cursor'];
  /** What came so far and is not decided on. */
  #held: Uint8Array | null = null;
  /** Where `#held` stands while it grows, from the second read on. */
  #growing: GrowingBytes | null = null;

  get isHolding(): boolean {
    return this.#held !== null;
  }

  /** Memory that it takes, in bytes. */
  get heldBytes(): number {
    return this.#growing?.room ?? this.#held?.length ?? 0;
  }

  /** Keeps what was shown to a decision. @param isShared It stands in a buffer that others read into, and is copied. */
  hold(peeked: Uint8Array, isShared: boolean): void {
    this.#held = isShared ? new Uint8Array(peeked) : peeked;
  }

  /** All bytes so far: what is held, and `arrived`, which is copied. */
  grow(arrived: Uint8Array): Uint8Array {
    if (this.#held === null) return arrived;
    this.#growing ??= new GrowingBytes(this.#held);
    return this.#growing.append(arrived);
  }

  /** A PROXY header was read: what grows begins with it, and is not what the next decision is made on. */
  dropHeader(by: Proxied): void {
    this.proxied = by;
    this.#growing = null;
  }

  /** Nothing is waited for any more. */
  settle(): void {
    this.#held = null;
    this.#growing = null;
    this.cursor = undefined;
  }
}

/** @param record Absent for a connection that ended before there was anything to keep. */
export function outcomeOf(
  mailed: MailedOutcome,
  listener: string,
  record: ConnectionRecord | undefined,
): Outcome {
  const plan = record?.plan ?? null;
  const refusal = record?.refusal ?? null;
  const proxied = record?.proxied ?? null;
  const known = plan ?? refusal;
  const candidate = plan?.candidates[mailed.dials - 1];
  return {
    reason: mailed.reason,
    listener,
    clientAddress: proxied?.source?.address ?? mailed.peerAddress,
    clientPort: proxied?.source?.port ?? mailed.peerPort,
    peer: proxied === null ? null : { address: mailed.peerAddress, port: mailed.peerPort },
    uniqueId: plan?.uniqueId ?? proxied?.uniqueId ?? null,
    privateLink: proxied?.privateLink ?? null,
    serverName: known?.serverName ?? null,
    route: known?.route ?? null,
    service: candidate?.service ?? refusal?.service ?? null,
    hasEch: known?.hasEch ?? false,
    ja4: known?.ja4 ?? null,
    backend: candidate === undefined ? null : placeText(candidate),
    bytesFromClient: mailed.bytesFromClient,
    bytesFromBackend: mailed.bytesFromBackend,
    dials: mailed.dials,
    decideMs: mailed.decideMs,
    dialMs: mailed.dialMs,
    durationMs: mailed.durationMs,
  };
}
