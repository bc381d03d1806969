import type net from 'node:net';
import type { ConnectionFacts, ListenerFacts, Proxied } from '../../connection/facts.ts';
import type { Outcome, Reason } from '../../connection/outcome.ts';
import type { Candidate, Plan, Refusal } from '../../connection/plan.ts';
import type { EngineHost, EngineLimits } from '../contract.ts';
import { Flow } from './flow.ts';
import { GrowingBytes } from './growing-bytes.ts';
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
export class Connection extends Timed implements ConnectionFacts, SocketOwner {
  readonly listener: ListenerFacts;
  readonly #scope: ConnectionScope;
  readonly #client: net.Socket;
  readonly #up: Flow;
  readonly #acceptedAt = performance.now();

  #backend: net.Socket | null = null;
  #down: Flow | null = null;
  #state: State = 'peeking';
  #reason: Reason | null = null;

  /** What a PROXY header said, which is no longer among the bytes. */
  #proxied: Proxied | null = null;
  /** What came so far is a part of such a header. */
  #isInHeader = false;
  /** What the client sent and no backend has been given yet: a copy. */
  #held: Uint8Array | null = null;
  /** Where `#held` stands while it grows, from the second read on. */
  #growing: GrowingBytes | null = null;
  #cursor: ConnectionFacts['cursor'];
  #plan: Plan | null = null;
  #refusal: Refusal | null = null;
  #dials = 0;
  #decidedAt = 0;
  #connectedAt = 0;
  /** By the wheel's clock: when a byte last moved. */
  #activeAt = 0;

  constructor(client: net.Socket, listener: ListenerFacts, scope: ConnectionScope) {
    super();
    this.listener = listener;
    this.#client = client;
    this.#scope = scope;
    this.#up = new Flow(client, scope.buffers);
    scope.live.add(this);
    scope.sockets.ownClient(client, this);
    // Makes the socket remember its peer: after the close there is nobody left to ask.
    client.remoteAddress;
  }

  get clientAddress(): string {
    return this.#proxied?.source?.address ?? this.peerAddress;
  }

  get clientPort(): number {
    return this.#proxied?.source?.port ?? this.peerPort;
  }

  get localAddress(): string {
    return this.#proxied?.destination?.address ?? plainAddress(this.#client.localAddress);
  }

  get localPort(): number {
    return this.#proxied?.destination?.port ?? this.#client.localPort ?? 0;
  }

  get peerAddress(): string {
    return plainAddress(this.#client.remoteAddress);
  }

  get peerPort(): number {
    return this.#client.remotePort ?? 0;
  }

  get proxied(): Proxied | null {
    return this.#proxied;
  }

  get cursor(): ConnectionFacts['cursor'] {
    return this.#cursor;
  }

  /** Begins with the decision, or with the wait for the bytes that it needs. */
  start(): void {
    const { peek, inbound } = this.listener;
    if (peek === 'none' || inbound.proxyProtocol === 'required') this.#decide(NO_BYTES);
    if (this.#state === 'peeking') this.#armPeek();
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
      case 'peeking': {
        const arrived = buffer.subarray(0, length);
        this.#decide(this.#withHeld(arrived));
        return !this.#up.isHeld;
      }
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

  #withHeld(arrived: Uint8Array): Uint8Array {
    if (this.#held === null) return arrived;
    this.#growing ??= new GrowingBytes(this.#held);
    return this.#growing.append(arrived);
  }

  #decide(peeked: Uint8Array): void {
    let decision: ReturnType<EngineHost['decide']>;
    try {
      decision = this.#scope.host.decide(peeked, this);
    } catch (error) {
      this.#scope.host.warn({ code: 'decide-threw', message: stackOf(error) });
      this.#refuseFor('internal-error');
      return;
    }
    switch (decision.kind) {
      case 'need-header':
        this.#isInHeader = true;
        this.#held = kept(peeked, this.#held);
        return;
      case 'proxied':
        this.#isInHeader = false;
        this.#proxied = decision.by;
        this.#growing = null; // it begins with the header
        this.#decide(peeked.subarray(decision.headerBytes));
        return;
      case 'need-more':
        // A hello that says itself that it will be too large is not waited for.
        if (Math.max(peeked.length + 1, decision.leastBytes ?? 0) > this.#scope.limits.maxHelloBytes) {
          this.#refuseFor('hello-too-large');
          return;
        }
        this.#held = kept(peeked, this.#held);
        this.#cursor = decision.cursor;
        return;
      case 'refuse':
        this.#decidedAt = performance.now();
        this.#refuse(decision);
        return;
      case 'forward':
        this.#decidedAt = performance.now();
        this.#held = kept(peeked, this.#held);
        this.#growing = null;
        this.#plan = decision.plan;
        this.#state = 'dialing';
        this.#dial(decision.plan);
        return;
      default:
        decision satisfies never;
    }
  }

  /** A PROXY header has a deadline of its own, where there may be one; for the rest of a hello's time see `#checkPeek`. */
  #armPeek(): void {
    const { helloTimeoutMs, proxyHeaderTimeoutMs } = this.#scope.limits;
    const { peek, inbound } = this.listener;
    const helloMs = peek === 'none' ? Number.POSITIVE_INFINITY : helloTimeoutMs;
    const headerMs = inbound.proxyProtocol === 'off' ? Number.POSITIVE_INFINITY : proxyHeaderTimeoutMs;
    this.#scope.wheel.arm(this, Math.min(helloMs, headerMs));
  }

  #checkPeek(): void {
    if (this.#isInHeader) {
      this.#refuseFor('proxy-timeout');
      return;
    }
    const leftMs = this.#scope.limits.helloTimeoutMs - (performance.now() - this.#acceptedAt);
    if (leftMs > 0) this.#scope.wheel.arm(this, leftMs);
    else this.#refuseFor('hello-timeout');
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
      answer: this.#plan?.unreachableAnswer ?? host.answerFor(reason, this.listener.peek),
      serverName: null,
      route: null,
      service: null,
      hasEch: false,
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
    this.#held = null;
    this.#growing = null;
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
    this.#scope.live.delete(this);
    this.#scope.host.report(this.#outcome());
  }

  #outcome(): Outcome {
    const plan = this.#plan;
    const known = plan ?? this.#refusal;
    const candidate = plan?.candidates[this.#dials - 1];
    return {
      reason: this.#reason ?? (plan === null ? 'client-left' : 'completed'),
      listener: this.listener.name,
      clientAddress: this.clientAddress,
      clientPort: this.clientPort,
      peer: this.#proxied === null ? null : { address: this.peerAddress, port: this.peerPort },
      uniqueId: plan?.uniqueId ?? this.#proxied?.uniqueId ?? null,
      privateLink: this.#proxied?.privateLink ?? null,
      serverName: known?.serverName ?? null,
      route: known?.route ?? null,
      service: candidate?.service ?? this.#refusal?.service ?? null,
      hasEch: known?.hasEch ?? false,
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

/** An IPv6 address in brackets, since it is followed by a port (RFC 3986 §3.2.2). */
function placeText({ address, port }: Candidate): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What was shown to a decision, for later: it may stand in a shared buffer, unless it had been put together before. */
function kept(peeked: Uint8Array, held: Uint8Array | null): Uint8Array {
  return held === null ? Buffer.from(peeked) : peeked;
}

function joined(prelude: Uint8Array | null, held: Uint8Array | null): Uint8Array | null {
  if (prelude === null || held === null || held.length === 0) return prelude ?? held;
  return Buffer.concat([prelude, held]);
}

/** A dual-stack socket shows IPv4 clients as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2). */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
