import { networkInterfaces } from 'node:os';
import { REASONS, type Reason } from '../../connection/outcome.ts';
import type { Candidate, Plan } from '../../connection/plan.ts';
import { ipv4Bits, writeIpv4, writeMappedIp } from '../../wire/ip-bytes.ts';
import { ipv6Text } from '../../wire/ip-text.ts';

/** Of `native/mailbox.h`, which has the same layout: changes with either, and with what the functions mean. */
export const PROTOCOL = 3;

const OUTCOMES = 128;
const OUTCOME_BYTES = 88;
const OUTCOMES_AT = 112;

/** Where a field of 32 bits stands, as an index of such fields. */
const FIELD = {
  live: 0,
  listener: 1,
  dialTimeoutMs: 20,
  idleTimeoutMs: 21,
  halfClosedTimeoutMs: 22,
  reason: 23,
  words: 24,
  replayFrom: 25,
  replayUntil: 26,
  generation: 27,
} as const;

/** Where a place stands, in bytes: 16 of its address, IPv4 as IPv4-mapped IPv6; then its port and its scope. */
const PLACE = { peer: 8, local: 32, candidate: 56 } as const;

/** The same within an outcome. */
const OUTCOME_FIELD = { slot: 6, listener: 7, reason: 8, dials: 9, isLastOfListener: 10 } as const;
/** As an index of doubles. */
const OUTCOME_NUMBER = {
  bytesFromClient: 6,
  bytesFromBackend: 7,
  decideMs: 8,
  dialMs: 9,
  durationMs: 10,
} as const;

/** The bytes 8 to 11 of an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), in this machine's order. */
const MAPPED_PREFIX = new Uint32Array(Uint8Array.of(0, 0, 0xff, 0xff).buffer)[0] ?? 0;

/** Memory that the addon and TypeScript share, so that neither has to build objects for the other. */
export class Mailbox {
  readonly buffer = new ArrayBuffer(OUTCOMES_AT + OUTCOMES * OUTCOME_BYTES);
  readonly #bytes = new Uint8Array(this.buffer);
  readonly #fields = new Uint32Array(this.buffer);
  readonly #numbers = new Float64Array(this.buffer);

  get live(): number {
    return this.#field(FIELD.live);
  }

  /** Of the connection that is asked about. */
  get listener(): number {
    return this.#field(FIELD.listener);
  }

  /** Of the same, as in `ConnectionId`. */
  get generation(): number {
    return this.#field(FIELD.generation);
  }

  address(of: keyof typeof PLACE): string {
    return this.#addressAt(PLACE[of]);
  }

  port(of: keyof typeof PLACE): number {
    return this.#portAt(PLACE[of]);
  }

  /** Throws for what is not an address. */
  writeCandidate({ address, port }: Candidate): void {
    this.#writeAddress(PLACE.candidate, address);
    this.#fields[PLACE.candidate / 4 + 4] = port;
    this.#fields[PLACE.candidate / 4 + 5] = 0;
  }

  writeTimes({ dialTimeoutMs, idleTimeoutMs, halfClosedTimeoutMs }: Plan): void {
    this.#fields[FIELD.dialTimeoutMs] = dialTimeoutMs;
    this.#fields[FIELD.idleTimeoutMs] = idleTimeoutMs;
    this.#fields[FIELD.halfClosedTimeoutMs] = halfClosedTimeoutMs;
  }

  /** What the backend is given first: so many bytes of the words buffer, and then this part of the peek buffer. */
  writeReplay(words: number, from: number, until: number): void {
    this.#fields[FIELD.words] = words;
    this.#fields[FIELD.replayFrom] = from;
    this.#fields[FIELD.replayUntil] = until;
  }

  /** What a client is told: so many bytes of the words buffer. */
  writeRefusal(reason: Reason, words: number): void {
    this.#fields[FIELD.reason] = REASONS.indexOf(reason);
    this.#fields[FIELD.words] = words;
  }

  outcome(index: number): MailedOutcome {
    const at = OUTCOMES_AT + index * OUTCOME_BYTES;
    const field = at / 4;
    const number = at / 8;
    return {
      slot: this.#field(field + OUTCOME_FIELD.slot),
      listener: this.#field(field + OUTCOME_FIELD.listener),
      isLastOfListener: this.#field(field + OUTCOME_FIELD.isLastOfListener) !== 0,
      reason: REASONS[this.#field(field + OUTCOME_FIELD.reason)] ?? 'internal-error',
      peerAddress: this.#addressAt(at),
      peerPort: this.#portAt(at),
      dials: this.#field(field + OUTCOME_FIELD.dials),
      bytesFromClient: this.#number(number + OUTCOME_NUMBER.bytesFromClient),
      bytesFromBackend: this.#number(number + OUTCOME_NUMBER.bytesFromBackend),
      decideMs: positive(this.#number(number + OUTCOME_NUMBER.decideMs)),
      dialMs: positive(this.#number(number + OUTCOME_NUMBER.dialMs)),
      durationMs: this.#number(number + OUTCOME_NUMBER.durationMs),
    };
  }

  /** IPv4, written field by field, costs a fraction of what `writeMappedIp` does for either family. */
  #writeAddress(at: number, address: string): void {
    const bits = ipv4Bits(address);
    if (bits >= 0) {
      this.#fields[at / 4] = 0;
      this.#fields[at / 4 + 1] = 0;
      this.#fields[at / 4 + 2] = MAPPED_PREFIX;
      writeIpv4(this.#bytes, at + 12, bits);
    } else if (!writeMappedIp(this.#bytes, at, address)) {
      throw new Error(`cannot dial "${address}"`);
    }
  }

  #field(index: number): number {
    return this.#fields[index] ?? 0;
  }

  #number(index: number): number {
    return this.#numbers[index] ?? 0;
  }

  #addressAt(at: number): string {
    const text = ipv6Text(this.#bytes, at);
    const scope = this.#field(at / 4 + 5);
    return scope === 0 ? text : `${text}%${interfaceName(scope)}`;
  }

  #portAt(at: number): number {
    return this.#field(at / 4 + 4);
  }
}

/** One outcome as the addon knows it. */
export interface MailedOutcome {
  readonly slot: number;
  readonly listener: number;
  /** The listener has stopped, and nothing will speak of it any more. */
  readonly isLastOfListener: boolean;
  readonly reason: Reason;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly dials: number;
  readonly bytesFromClient: number;
  readonly bytesFromBackend: number;
  readonly decideMs: number | null;
  readonly dialMs: number | null;
  readonly durationMs: number;
}

/** A time that has not come is negative. */
function positive(ms: number): number | null {
  return ms < 0 ? null : ms;
}

/** By name, as Node has it for the link-local addresses of its sockets. */
function interfaceName(scope: number): string {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some((address) => address.family === 'IPv6' && address.scopeid === scope)) return name;
  }
  return String(scope);
}
