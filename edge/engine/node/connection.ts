import type net from 'node:net';
import type { ListenerFacts } from '../../connection/facts.ts';
import type { Outcome, Reason } from '../../connection/outcome.ts';
import type { Plan, Refusal } from '../../connection/plan.ts';
import type { Pending, PendingConnections } from '../../limit/pending.ts';
import type { EngineHost, EngineLimits } from '../contract.ts';
import { placeText } from '../place-text.ts';
import { ClientFacts } from './client-facts.ts';
import { Flow } from './flow.ts';
import { type Peeked, Peeking } from './peeking.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { reset, type SocketOwner, type Sockets } from './sockets.ts';
import { Timed, type TimerWheel } from './timer-wheel.ts';

/** What the connections of one engine share. */
export interface ConnectionScope {
  readonly host: EngineHost;
  readonly limits: EngineLimits;
  readonly wheel: TimerWheel;
  readonly buffers: ReadBuffers;
  readonly sockets: Sockets;
  readonly live: Set<Connection>;
  readonly pending: PendingConnections<Connection>;
}

type State = 'peeking' | 'dialing' | 'relaying' | 'refused' | 'ended';

const NO_BYTES = new Uint8Array(0);

/**
 * One client's connection, from the accept to its outcome.
 *
 *     peeking ──decide──▶ dialing ──connected──▶ relaying ──both sockets closed──▶ ended
 *        │                 │  ▲ next candidate      │ reset, timeout
 *        │                 └──┘                     ▼
 *        └──refuse──▶ refused ──client closed or linger over──▶ ended
 *
 * It owns both sockets. `#reason` is set by what happens first; the outcome is reported when both sockets are closed.
 */
export class Connection extends Timed implements Pending, SocketOwner {
  readonly #scope: ConnectionScope;
  readonly #client: net.Socket;
  readonly #facts: ClientFacts;
  readonly #up: Flow;
  readonly #acceptedAt = performance.now();

  #peeking: Peeking | null;
  #backend: net.Socket | null = null;
  #down: Flow | null = null;
  #state: State = 'peeking';
  #reason: Reason | null = null;

  /** What the client sent and no backend has been given yet: a copy. */
  #held: Uint8Array | null = null;
  #plan: Plan | null = null;
  #refusal: Refusal | null = null;
  #dials = 0;
  #decidedAt = 0;
  #connectedAt = 0;
  /** By the wheel's clock: when a byte last moved. */
  #activeAt = 0;

  constructor(client: net.Socket, listener: ListenerFacts, scope: ConnectionScope) {
    super();
    this.#client = client;
    this.#scope = scope;
    this.#facts = new ClientFacts(client, listener);
    this.#peeking = new Peeking(scope.host, scope.limits, this.#facts);
    this.#up = new Flow(client, scope.buffers);
    scope.live.add(this);
    scope.sockets.ownClient(client, this);
  }

  /** Begins with the decision, or with the wait for the bytes that it needs. */
  start(): void {
    const peeking = this.#peeking;
    if (peeking === null) return;
    this.#follow(peeking.begin());
    if (this.#state !== 'peeking') return;
    this.#scope.wheel.arm(this, peeking.firstDeadlineMs());
    this.#scope.pending.add(this, this.#source());
  }

  giveWay(): void {
    this.#reason ??= 'gave-way';
    this.#scope.pending.remove(this);
    reset(this.#client);
  }

  /** Turns the client away before it was looked at. */
  shed(): void {
    this.#refuseFor('overloaded');
  }

  /** Ends it now, whatever it is doing. */
  close(reason: Reason): void {
    if (this.#state === 'ended') return;
    this.#reason ??= reason;
    this.#client.destroy();
    this.#backend?.destroy();
  }

  override expire(): void {
    switch (this.#state) {
      case 'peeking':
        this.#checkPeek();
        return;
      case 'dialing':
        this.#dialFailed('backend-timeout');
        return;
      case 'relaying':
        this.#checkIdle();
        return;
      case 'refused':
        this.#client.destroy();
        return;
      case 'ended':
        return;
      default:
        this.#state satisfies never;
    }
  }

  clientRead(length: number, buffer: Buffer): boolean {
    const goesOn = this.#takeFromClient(length, buffer);
    this.#up.finishRead(length, buffer);
    return goesOn;
  }

  clientDrained(): void {
    this.#activeAt = this.#scope.wheel.now;
    this.#down?.goOn();
  }

  clientEnded(): void {
    this.#up.hasEnded = true;
    if (this.#state === 'relaying') {
      this.#activeAt = this.#scope.wheel.now;
      this.#backend?.end();
      this.#armIdle();
    } else if (this.#state === 'peeking') {
      this.#reason ??= 'client-left';
      this.#client.end();
    }
  }

  clientFailed(): void {
    this.#reason ??= this.#state === 'relaying' ? 'client-reset' : 'client-left';
    if (this.#backend === null) return;
    if (this.#state === 'relaying') reset(this.#backend);
    else this.#backend.destroy();
  }

  clientClosed(): void {
    this.#up.close();
    if (this.#state === 'dialing' || (this.#state === 'relaying' && this.#reason !== null)) {
      this.#backend?.destroy();
    }
    this.#endIfClosed();
  }

  backendConnected(backend: net.Socket): void {
    const plan = this.#plan;
    if (backend !== this.#backend || this.#state !== 'dialing' || plan === null) return;
    this.#state = 'relaying';
    this.#connectedAt = performance.now();
    this.#activeAt = this.#scope.wheel.now;
    this.#down = new Flow(backend, this.#scope.buffers);
    this.#up.passHeld(backend, joined(plan.prelude, this.#held));
    this.#held = null;
    if (this.#up.hasEnded) backend.end();
    this.#armIdle();
  }

  backendRead(length: number, buffer: Buffer): boolean {
    // Reads begin with the connect, so there is no flow only for a dial that was given up.
    const down = this.#down;
    if (down === null) return false;
    this.#activeAt = this.#scope.wheel.now;
    const goesOn = this.#state === 'relaying' ? down.pass(this.#client, length, buffer) : true;
    down.finishRead(length, buffer);
    return goesOn;
  }

  backendDrained(): void {
    this.#activeAt = this.#scope.wheel.now;
    this.#up.goOn();
  }

  backendEnded(): void {
    if (this.#state !== 'relaying' || this.#down === null) return;
    this.#down.hasEnded = true;
    this.#activeAt = this.#scope.wheel.now;
    this.#client.end();
    this.#armIdle();
  }

  backendFailed(backend: net.Socket, error: NodeJS.ErrnoException): void {
    if (backend !== this.#backend) return;
    if (this.#state === 'dialing') {
      if (error.code === 'EMFILE' || error.code === 'ENFILE') this.#refuseFor('overloaded');
      else this.#dialFailed(error.code === 'ETIMEDOUT' ? 'backend-timeout' : 'backend-refused');
      return;
    }
    this.#reason ??= 'backend-reset';
    if (this.#state === 'relaying') reset(this.#client);
  }

  backendClosed(backend: net.Socket): void {
    if (backend !== this.#backend) return;
    this.#down?.close();
    this.#endIfClosed();
  }

  /** Answers whether to read on. */
  #takeFromClient(length: number, buffer: Buffer): boolean {
    switch (this.#state) {
      case 'relaying':
        this.#activeAt = this.#scope.wheel.now;
        return this.#backend !== null && this.#up.pass(this.#backend, length, buffer);
      case 'peeking':
        if (this.#peeking !== null) this.#follow(this.#peeking.take(buffer.subarray(0, length)));
        return !this.#up.isHeld;
      case 'dialing':
        // One read may come while the dial is under way, then the client waits: that keeps the client's reset and its
        // end visible at the price of one buffer.
        this.#held = Buffer.concat([this.#held ?? NO_BYTES, buffer.subarray(0, length)]);
        this.#up.hold();
        return false;
      case 'refused':
      case 'ended':
        return true;
      default:
        return this.#state satisfies never;
    }
  }

  /** Does what was decided, if anything was. */
  #follow(peeked: Peeked): void {
    switch (peeked.kind) {
      case 'waiting': {
        const named = this.#facts.proxied?.source?.address;
        if (named !== undefined) this.#scope.pending.setSource(this, named);
        this.#scope.pending.keep(this, peeked.keptBytes);
        return;
      }
      case 'failed':
        this.#refuseFor(peeked.reason);
        return;
      case 'refuse':
        this.#decidedAt = performance.now();
        this.#refuse(peeked);
        return;
      case 'forward':
        this.#decidedAt = performance.now();
        this.#held = this.#endPeeking();
        this.#plan = peeked.plan;
        this.#state = 'dialing';
        this.#dial(peeked.plan);
        return;
      default:
        peeked satisfies never;
    }
  }

  /** Whom it counts for while it costs its client nothing; null where that is not known (yet). */
  #source(): string | null {
    const { listener, peerAddress, proxied } = this.#facts;
    // A load balancer has the connections of many: they count for whoever its header names.
    const isProxy = this.#scope.host.isTrusted(listener, peerAddress);
    return proxied?.source?.address ?? (isProxy ? null : peerAddress);
  }

  /** Answers what was kept. */
  #endPeeking(): Uint8Array | null {
    const held = this.#peeking?.held ?? null;
    this.#peeking = null;
    this.#scope.pending.remove(this);
    return held;
  }

  #checkPeek(): void {
    const late = this.#peeking?.late(performance.now() - this.#acceptedAt);
    if (late === undefined) return;
    if (typeof late === 'string') this.#refuseFor(late);
    else this.#scope.wheel.arm(this, late.leftMs);
  }

  #dial(plan: Plan): void {
    const candidate = plan.candidates[this.#dials];
    if (candidate === undefined) {
      this.#refuseFor('backend-refused');
      return;
    }
    this.#dials += 1;
    this.#backend = this.#scope.sockets.dial(candidate, this);
    this.#scope.wheel.arm(this, plan.dialTimeoutMs);
  }

  #dialFailed(reason: Reason): void {
    const failed = this.#backend;
    const plan = this.#plan;
    if (plan !== null && this.#dials < plan.candidates.length) this.#dial(plan);
    else this.#refuseFor(reason);
    failed?.destroy();
  }

  #refuseFor(reason: Reason): void {
    const { host } = this.#scope;
    this.#refuse({
      kind: 'refuse',
      reason,
      answer: this.#plan?.unreachableAnswer ?? host.answerFor(reason, this.#facts.listener.peek),
      serverName: null,
      route: null,
      service: null,
      hasEch: false,
      ja4: null,
    });
  }

  /**
   * Says no and waits for the client to close: what it still sends is read and dropped, because closing a socket with
   * unread bytes sends a reset, which can overtake the answer (RFC 9112 §9.6 has the same for HTTP).
   */
  #refuse(refusal: Refusal): void {
    this.#state = 'refused';
    this.#reason ??= refusal.reason;
    this.#refusal = refusal;
    this.#peeking = null;
    this.#held = null;
    this.#scope.pending.addAnswered(this, this.#source());
    if (refusal.answer === null) this.#client.end();
    else this.#client.end(refusal.answer);
    this.#up.goOn();
    this.#scope.wheel.arm(this, this.#scope.limits.lingerMs);
  }

  /** The timer is not moved with each byte: when it fires, it looks at how long nothing has happened. */
  #checkIdle(): void {
    const limitMs = this.#idleLimitMs();
    if (limitMs === 0) return;
    const idleMs = this.#scope.wheel.now - this.#activeAt;
    if (idleMs < limitMs) this.#scope.wheel.arm(this, limitMs - idleMs);
    else this.close(this.#isHalfClosed ? 'half-closed-timeout' : 'idle-timeout');
  }

  #armIdle(): void {
    const limitMs = this.#idleLimitMs();
    if (limitMs === 0) this.#scope.wheel.disarm(this);
    else this.#scope.wheel.arm(this, limitMs);
  }

  #idleLimitMs(): number {
    if (this.#plan === null) return 0;
    return this.#isHalfClosed ? this.#plan.halfClosedTimeoutMs : this.#plan.idleTimeoutMs;
  }

  get #isHalfClosed(): boolean {
    return this.#up.hasEnded || this.#down?.hasEnded === true;
  }

  #endIfClosed(): void {
    if (this.#state === 'ended' || !this.#client.closed) return;
    if (this.#backend !== null && !this.#backend.closed) return;
    this.#state = 'ended';
    this.#scope.wheel.disarm(this);
    this.#scope.pending.remove(this);
    this.#scope.live.delete(this);
    this.#scope.host.report(this.#outcome());
  }

  #outcome(): Outcome {
    const plan = this.#plan;
    const facts = this.#facts;
    const known = plan ?? this.#refusal;
    const candidate = plan?.candidates[this.#dials - 1];
    return {
      reason: this.#reason ?? (plan === null ? 'client-left' : 'completed'),
      listener: facts.listener.name,
      clientAddress: facts.clientAddress,
      clientPort: facts.clientPort,
      peer: facts.proxied === null ? null : { address: facts.peerAddress, port: facts.peerPort },
      uniqueId: plan?.uniqueId ?? facts.proxied?.uniqueId ?? null,
      privateLink: facts.proxied?.privateLink ?? null,
      serverName: known?.serverName ?? null,
      route: known?.route ?? null,
      service: candidate?.service ?? this.#refusal?.service ?? null,
      hasEch: known?.hasEch ?? false,
      ja4: known?.ja4 ?? null,
      backend: candidate === undefined ? null : placeText(candidate),
      bytesFromClient: this.#up.bytes,
      bytesFromBackend: this.#down?.bytes ?? 0,
      dials: this.#dials,
      decideMs: this.#decidedAt === 0 ? null : this.#decidedAt - this.#acceptedAt,
      dialMs: this.#connectedAt === 0 ? null : this.#connectedAt - this.#decidedAt,
      durationMs: performance.now() - this.#acceptedAt,
    };
  }
}

function joined(prelude: Uint8Array | null, held: Uint8Array | null): Uint8Array | null {
  if (prelude === null || held === null || held.length === 0) return prelude ?? held;
  return Buffer.concat([prelude, held]);
}
