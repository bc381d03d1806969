import type { ListenerFacts, Proxied } from '../../connection/facts.ts';
import type { Reason } from '../../connection/outcome.ts';
import type { NeedMore, Plan, Refusal } from '../../connection/plan.ts';
import type { EngineHost, EngineLimits } from '../contract.ts';
import { defect } from '../defect.ts';
import { SharedFacts } from './facts.ts';
import { Mailbox } from './mailbox.ts';
import { PEEK_BYTES, VERDICT } from './native.ts';
import { ConnectionRecord } from './record.ts';
import type { UndecidedConnections } from './undecided.ts';

type Verdict = (typeof VERDICT)[keyof typeof VERDICT];

export interface DecidingScope {
  readonly host: EngineHost;
  readonly limits: EngineLimits;
  /** @param id The addon's. */
  readonly listenerOf: (id: number) => ListenerFacts | undefined;
  /** Puts the place that the connection's client connected to into the mailbox, where it is known. */
  readonly findLocalEnd: (slot: number) => boolean;
  readonly undecided: UndecidedConnections;
}

/** Beside what was peeked at: a PROXY header, or an answer. */
const WORDS_BYTES = 64 * 1024;

/** What stands for a listener before the first was asked about. */
const NO_LISTENER: ListenerFacts = {
  name: '',
  peek: 'none',
  port: 0,
  binding: null,
  httpsPort: 0,
  inbound: { proxyProtocol: 'off', trusted: [] },
  defersAccept: false,
};

/**
 * Decides for the addon: shows the host the bytes and the facts, and writes what comes of it into the mailbox. Keeps the
 * record of each connection by its slot.
 */
export class Deciding {
  readonly mail = new Mailbox();
  readonly #scope: DecidingScope;
  /** A Buffer, since that is what names are made text from. */
  readonly #peeked = Buffer.from(new ArrayBuffer(PEEK_BYTES));
  readonly #words: Uint8Array;
  readonly #facts: SharedFacts;
  readonly #records: (ConnectionRecord | undefined)[] = [];
  #recordCount = 0;

  constructor(scope: DecidingScope) {
    this.#scope = scope;
    this.#words = new Uint8Array(WORDS_BYTES + PEEK_BYTES + scope.limits.maxHelloBytes);
    this.#facts = new SharedFacts(this.mail, NO_LISTENER, scope.findLocalEnd);
  }

  /** What is shared with the addon. */
  get buffers(): { readonly mail: ArrayBuffer; readonly peeked: ArrayBuffer; readonly words: ArrayBuffer } {
    return {
      mail: this.mail.buffer,
      peeked: this.#peeked.buffer as ArrayBuffer,
      words: this.#words.buffer as ArrayBuffer,
    };
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  recordOf(slot: number): ConnectionRecord | undefined {
    return this.#records[slot];
  }

  /** The same, and forgets it: the slot is another connection's next. */
  takeRecord(slot: number): ConnectionRecord | undefined {
    this.#scope.undecided.remove(slot);
    const record = this.#records[slot];
    if (record === undefined) return undefined;
    this.#records[slot] = undefined;
    this.#recordCount -= 1;
    return record;
  }

  /** @param length Of what was just read into the peek buffer. */
  decide(slot: number, length: number): Verdict {
    try {
      return this.#decide(slot, length);
    } catch (error) {
      this.#scope.host.warn(defect(error));
      return this.#turnAway(slot, 'internal-error');
    }
  }

  /** The connection waits for more bytes; what came so far, if anything, was not enough. */
  wait(slot: number, generation: number): void {
    this.#scope.undecided.add({ slot, generation }, this.#source(slot));
    this.#countHeld(slot);
  }

  /** Ends the oldest connection that nothing is decided about; false when nobody has waited long enough. */
  makeWay(): boolean {
    return this.#scope.undecided.makeWay();
  }

  /** Ends the connection that was refused first; false when there is none. */
  dismiss(): boolean {
    return this.#scope.undecided.dismiss();
  }

  /** Answers whether there is a candidate after so many; it is in the mailbox then. */
  redial(slot: number, dials: number): boolean {
    const candidate = this.#records[slot]?.plan?.candidates[dials];
    if (candidate === undefined) return false;
    try {
      this.mail.writeCandidate(candidate);
      return true;
    } catch (error) {
      this.#scope.host.warn(defect(error));
      return false;
    }
  }

  /** Answers how many bytes there are in the words buffer for a client that is turned away. */
  answer(slot: number, reason: Reason): number {
    const record = this.#records[slot];
    this.#settleRefused(slot, record, reason);
    const answer = record?.plan?.unreachableAnswer ?? this.#scope.host.answerFor(reason, this.#listener.peek);
    return this.#writeWords(answer);
  }

  /** Of the connection that is asked about. */
  get #listener(): ListenerFacts {
    return this.#scope.listenerOf(this.mail.listener) ?? NO_LISTENER;
  }

  #decide(slot: number, length: number): Verdict {
    const listener = this.#listener;
    const arrived = this.#peeked.subarray(0, length);
    const record = this.#records[slot];
    const isShared = record === undefined || !record.isHolding;
    this.#facts.show(slot, listener, record);
    let peeked = record === undefined ? arrived : record.grow(arrived);
    let decision = this.#scope.host.decide(peeked, this.#facts);
    if (decision.kind === 'proxied') {
      this.#drop(slot, listener, decision.by);
      // The same in memory of its own, where it would hold on to the header's.
      peeked = isShared ? peeked.subarray(decision.headerBytes) : peeked.slice(decision.headerBytes);
      decision = this.#scope.host.decide(peeked, this.#facts);
    }
    switch (decision.kind) {
      case 'need-header':
        this.#hold(slot, peeked, isShared);
        return VERDICT.needHeader;
      case 'need-more':
        return this.#wait(slot, decision, peeked, isShared);
      case 'refuse':
        return this.#refuse(slot, decision);
      case 'forward':
        return this.#forward(slot, decision.plan, peeked, isShared);
      case 'proxied':
        throw new Error('a PROXY header was read twice');
      default:
        throw new Error('unknown decision', { cause: decision satisfies never });
    }
  }

  #drop(slot: number, listener: ListenerFacts, by: Proxied): void {
    const record = this.#ownRecord(slot);
    record.dropHeader(by);
    this.#facts.show(slot, listener, record);
  }

  #wait(slot: number, { leastBytes = 0, cursor }: NeedMore, peeked: Uint8Array, isShared: boolean): Verdict {
    // A hello that says itself that it will be too large is not waited for.
    if (Math.max(peeked.length + 1, leastBytes) > this.#scope.limits.maxHelloBytes) {
      return this.#turnAway(slot, 'hello-too-large');
    }
    this.#ownRecord(slot).cursor = cursor;
    this.#hold(slot, peeked, isShared);
    return VERDICT.needMore;
  }

  #hold(slot: number, peeked: Uint8Array, isShared: boolean): void {
    if (peeked.length > 0 || !isShared) this.#ownRecord(slot).hold(peeked, isShared);
    this.#countHeld(slot);
  }

  /** To be done last: it may be the one that gives way. */
  #countHeld(slot: number): void {
    const record = this.#records[slot];
    const { undecided } = this.#scope;
    if (record === undefined || !undecided.has(slot)) return;
    const named = record.proxied?.source?.address;
    if (named !== undefined) undecided.setSource(slot, named);
    undecided.keep(slot, record.heldBytes);
  }

  /** Nothing is waited for any more but that its client leaves. It may be gone itself when this returns. */
  #settleRefused(slot: number, record: ConnectionRecord | undefined, reason: Reason): void {
    record?.settle();
    const id = { slot, generation: this.mail.generation };
    this.#scope.undecided.addAnswered(id, this.#source(slot), reason);
  }

  /** Whom it counts for while it costs its client nothing; null where that is not known (yet). */
  #source(slot: number): string | null {
    const named = this.#records[slot]?.proxied?.source?.address;
    if (named !== undefined) return named;
    const peer = this.mail.address('peer');
    // A load balancer has the connections of many: they count for whoever its header names.
    return this.#scope.host.isTrusted(this.#listener, peer) ? null : peer;
  }

  /** Nothing is waited for any more. */
  #settle(slot: number, record: ConnectionRecord | undefined): void {
    record?.settle();
    this.#scope.undecided.remove(slot);
  }

  #refuse(slot: number, refusal: Refusal): Verdict {
    const record = this.#ownRecord(slot);
    record.refusal = refusal;
    this.#settleRefused(slot, record, refusal.reason);
    this.mail.writeRefusal(refusal.reason, this.#writeWords(refusal.answer));
    return VERDICT.refuse;
  }

  #turnAway(slot: number, reason: Reason): Verdict {
    this.mail.writeRefusal(reason, this.answer(slot, reason));
    return VERDICT.turnAway;
  }

  #forward(slot: number, plan: Plan, peeked: Uint8Array, isShared: boolean): Verdict {
    const { mail } = this;
    const record = this.#ownRecord(slot);
    record.plan = plan;
    const [first] = plan.candidates;
    if (first === undefined) return this.#turnAway(slot, 'backend-refused');
    mail.writeCandidate(first);
    mail.writeTimes(plan);
    const prelude = this.#writeWords(plan.prelude);
    if (isShared) {
      // It need not be copied: where it stands, the addon finds it.
      const from = peeked.byteOffset;
      mail.writeReplay(prelude, from, from + peeked.length);
    } else {
      this.#words.set(peeked, prelude);
      mail.writeReplay(prelude + peeked.length, 0, 0);
    }
    this.#settle(slot, record);
    return VERDICT.forward;
  }

  #writeWords(words: Uint8Array | null): number {
    if (words === null) return 0;
    this.#words.set(words);
    return words.length;
  }

  #ownRecord(slot: number): ConnectionRecord {
    const known = this.#records[slot];
    if (known !== undefined) return known;
    const record = new ConnectionRecord();
    this.#records[slot] = record;
    this.#recordCount += 1;
    return record;
  }
}
