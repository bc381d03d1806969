import { getSystemErrorName } from 'node:util';
import type { ListenerFacts } from '../../connection/facts.ts';
import { type Outcome, REASONS } from '../../connection/outcome.ts';
import type { Engine, EngineHost, EngineLimits, Listening, SharedSocket } from '../contract.ts';
import { ListenFailure } from '../listen-failure.ts';
import { Deciding } from './deciding.ts';
import { FIELDS_PER_CONNECTION, LISTENER, type Native, type NativeSelf } from './native.ts';
import { outcomeOf } from './record.ts';
import { type ConnectionId, UndecidedConnections } from './undecided.ts';

/** The engine for Linux: the addon accepts, dials and moves bytes in the kernel, and asks here what to do with whom. */
export function createSpliceEngine(native: Native): (host: EngineHost, limits: EngineLimits) => SpliceEngine {
  return (host, limits) => new SpliceEngine(native, host, limits);
}

/** A connection that lives, as `connections` shows it. */
interface LiveConnection {
  /** For `close`: says who it is for as long as it lives, and never means another one. */
  readonly id: ConnectionId;
  readonly state: (typeof STATES)[number];
  readonly ageMs: number;
  readonly bytesFromClient: number;
  readonly bytesFromBackend: number;
  /** Null before one was found. */
  readonly route: string | null;
}

/** As `enum state` of `native/engine.h`. */
const STATES = ['free', 'peeking', 'dialing', 'relaying', 'refused', 'ended'] as const;

const DRAINED = REASONS.indexOf('drained');

class SpliceEngine implements Engine {
  readonly name = 'splice';
  readonly #native: Native;
  readonly #host: EngineHost;
  readonly #deciding: Deciding;
  readonly #self: NativeSelf;
  /** By the id that the addon knows them by; undefined where it is free. */
  readonly #listeners: (ListenerFacts | undefined)[] = [];
  readonly #freeIds: number[] = [];

  constructor(native: Native, host: EngineHost, limits: EngineLimits) {
    this.#native = native;
    this.#host = host;
    const deciding = new Deciding({
      host,
      limits,
      listenerOf: (id) => this.#listeners[id],
      findLocalEnd: (slot) => native.localEnd(this.#self, slot) !== 0,
      undecided: new UndecidedConnections(
        limits.pending,
        ({ slot, generation }, reason) =>
          native.reset(this.#self, slot, generation, REASONS.indexOf(reason)) !== 0,
      ),
    });
    this.#deciding = deciding;
    this.#self = {
      ...deciding.buffers,
      decide: (slot, length) => deciding.decide(slot, length),
      wait: (slot, generation) => {
        deciding.wait(slot, generation);
        return 0;
      },
      makeWay: () => (deciding.makeWay() ? 1 : 0),
      dismiss: () => (deciding.dismiss() ? 1 : 0),
      redial: (slot, dials) => (deciding.redial(slot, dials) ? 1 : 0),
      answer: (slot, reason) => deciding.answer(slot, REASONS[reason] ?? 'internal-error'),
      settle: (count) => this.#settle(count),
      warn: (listener, errno) => this.#warn(listener, errno),
    };
    native.create(this.#self, limits);
  }

  get liveConnections(): number {
    return this.#deciding.mail.live;
  }

  async listen(socket: SharedSocket, listener: ListenerFacts): Promise<Listening> {
    const id = this.#freeIds.pop() ?? this.#listeners.length;
    this.#listeners[id] = listener;
    const errno = this.#native.listen(this.#self, socket.fd, id, flagsOf(listener));
    socket.close();
    if (errno !== 0) {
      this.#release(id);
      throw new ListenFailure(-errno);
    }
    let isStopped = false;
    return {
      stop: () => {
        if (isStopped) return;
        isStopped = true;
        if (this.#native.stop(this.#self, id) !== 0) this.#release(id);
      },
    };
  }

  closeConnections(): void {
    this.#native.closeAll(this.#self, DRAINED);
  }

  /** Those that live now. */
  connections(): readonly LiveConnection[] {
    const fields = this.#native.list(this.#self);
    const live: LiveConnection[] = [];
    for (let at = 0; at < fields.length; at += FIELDS_PER_CONNECTION) {
      const [slot = 0, generation = 0, state = 0, ageMs = 0, bytesFromClient = 0, bytesFromBackend = 0] =
        fields.subarray(at, at + FIELDS_PER_CONNECTION);
      live.push({
        id: { slot, generation },
        state: STATES[state] ?? 'ended',
        ageMs,
        bytesFromClient,
        bytesFromBackend,
        route: this.#deciding.recordOf(slot)?.plan?.route ?? null,
      });
    }
    return live;
  }

  /** Ends these, as far as they still live, with the reason `drained`. Answers how many that were. */
  close(ids: readonly ConnectionId[]): number {
    let closed = 0;
    for (const { slot, generation } of ids)
      closed += this.#native.close(this.#self, slot, generation, DRAINED);
    return closed;
  }

  /** What it holds, for tests: all but `room` is zero when nothing lives and nothing listens, and soon that is too. */
  held(): { readonly [what in (typeof HELD)[number]]: number } {
    const [live, room, pipes, listeners, timers] = this.#native.count(this.#self);
    return { live, room, pipes, listeners, timers, records: this.#deciding.recordCount };
  }

  /** Reports all of a batch, and only then throws what a report threw. */
  #settle(count: number): number {
    const errors: unknown[] = [];
    // All of them first: whoever is told of one may stop a listener.
    const outcomes: Outcome[] = [];
    for (let index = 0; index < count; index += 1) {
      const mailed = this.#deciding.mail.outcome(index);
      const listener = this.#listeners[mailed.listener]?.name ?? '';
      outcomes.push(outcomeOf(mailed, listener, this.#deciding.takeRecord(mailed.slot)));
      if (mailed.isLastOfListener) this.#release(mailed.listener);
    }
    for (const outcome of outcomes) {
      try {
        this.#host.report(outcome);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
    return count;
  }

  #warn(listener: number, errno: number): number {
    const code = getSystemErrorName(-errno);
    const name = this.#listeners[listener]?.name ?? '';
    this.#host.warn({ code, message: `${name}: a connection could not be accepted: ${code}` });
    return 0;
  }

  #release(id: number): void {
    this.#listeners[id] = undefined;
    this.#freeIds.push(id);
  }
}

const HELD = ['live', 'room', 'pipes', 'listeners', 'timers', 'records'] as const;

function flagsOf({ peek, inbound, defersAccept }: ListenerFacts): number {
  return (
    (peek === 'none' ? 0 : LISTENER.isPeeking) |
    (peek === 'none' || inbound.proxyProtocol === 'required' ? LISTENER.decidesAtOnce : 0) |
    (inbound.proxyProtocol === 'off' ? 0 : LISTENER.mayHaveHeader) |
    (defersAccept ? LISTENER.defersAccept : 0)
  );
}
