import net from 'node:net';
import type { ConnectionFacts, ListenerFacts } from '../../connection/facts.ts';
import type { Outcome, Reason } from '../../connection/outcome.ts';
import type { Plan, Refusal } from '../../connection/plan.ts';
import type { EngineHost, EngineLimits } from '../contract.ts';
import { Timed, type TimerWheel } from './timer-wheel.ts';

/** What the connections of one engine share. */
export interface ConnectionScope {
  readonly host: EngineHost;
  readonly limits: EngineLimits;
  readonly wheel: TimerWheel;
  readonly live: Set<Connection>;
}

type State = 'peeking' | 'dialing' | 'relaying' | 'refused' | 'ended';

/** Sockets carry their connection, so that one set of listeners serves all of them without a closure each. */
const CONNECTION = Symbol('connection');

interface CarryingSocket extends net.Socket {
  [CONNECTION]?: Connection;
}

const NO_BYTES = new Uint8Array(0);

/**
 * One client's connection, from the accept to its outcome.
 *
 *     peeking ──decide──▶ dialing ──connected──▶ relaying ──both ends closed──▶ ended
 *        │                 │  ▲ next candidate      │ reset, timeout
 *        │                 └──┘                     ▼
 *        └──refuse──▶ refused ──client closed or linger over──▶ ended
 *
 * It owns both sockets. `#reason` is set by what happens first; the outcome is reported when both sockets are closed.
 */
export class Connection extends Timed implements ConnectionFacts {
  readonly listener: ListenerFacts;
  readonly #scope: ConnectionScope;
  readonly #client: net.Socket;
  readonly #acceptedAt = performance.now();

  #backend: net.Socket | null = null;
  #state: State = 'peeking';
  #reason: Reason | null = null;

  /** What the client sent and no backend has been given yet. */
  #held: Uint8Array | null = null;
  #plan: Plan | null = null;
  #refusal: Refusal | null = null;
  #dials = 0;
  #decidedAt = 0;
  #connectedAt = 0;
  #activeAt = 0;
  #bytesFromClient = 0;
  #bytesFromBackend = 0;
  #hasClientEnded = false;
  #hasBackendEnded = false;
  #isClientUndelayed = false;
  #isBackendUndelayed = false;

  constructor(client: net.Socket, listener: ListenerFacts, scope: ConnectionScope) {
    super();
    this.listener = listener;
    this.#client = client;
    this.#scope = scope;
    scope.live.add(this);
    // Makes the socket remember its peer: after the close there is nobody left to ask.
    client.remoteAddress;
    (client as CarryingSocket)[CONNECTION] = this;
    client.on('error', onClientError).on('close', onClientClose);
  }

  get clientAddress(): string {
    return plainAddress(this.#client.remoteAddress);
  }

  get clientPort(): number {
    return this.#client.remotePort ?? 0;
  }

  get localAddress(): string {
    return plainAddress(this.#client.localAddress);
  }

  get localPort(): number {
    return this.#client.localPort ?? 0;
  }

  /** Begins with the decision, or with the wait for the bytes that it needs. */
  start(): void {
    this.#client.on('data', onClientData).on('end', onClientEnd);
    if (this.listener.peek === 'none') {
      this.#decide(NO_BYTES);
      return;
    }
    this.#scope.wheel.arm(this, this.#scope.limits.helloTimeoutMs);
  }

  /** Turns the client away before it was looked at. */
  shed(): void {
    this.#client.on('data', onClientData).on('end', onClientEnd);
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
        this.#refuseFor('hello-timeout');
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

  clientData(chunk: Buffer): void {
    this.#bytesFromClient += chunk.length;
    switch (this.#state) {
      case 'relaying': {
        this.#activeAt = this.#scope.wheel.now;
        const backend = this.#backend;
        if (backend === null) return;
        if (!this.#isBackendUndelayed) {
          this.#isBackendUndelayed = true;
          backend.setNoDelay(true);
        }
        if (!backend.write(chunk)) this.#client.pause();
        return;
      }
      case 'peeking':
        this.#held = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
        this.#decide(this.#held);
        return;
      case 'dialing':
        // One chunk may come while the dial is under way, then the client waits: that keeps the client's reset and its
        // end visible at the price of one buffer.
        this.#held = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
        this.#client.pause();
        return;
      case 'refused':
      case 'ended':
        return;
      default:
        this.#state satisfies never;
    }
  }

  clientEnded(): void {
    this.#hasClientEnded = true;
    if (this.#state === 'relaying') {
      this.#activeAt = this.#scope.wheel.now;
      this.#backend?.end();
      this.#armIdle();
    } else if (this.#state === 'peeking') {
      this.#reason ??= 'client-left';
      this.#client.end();
    } else if (this.#state === 'refused') {
      this.#client.end();
    }
  }

  clientFailed(): void {
    this.#reason ??= this.#state === 'relaying' ? 'client-reset' : 'client-left';
    if (this.#state === 'relaying') this.#backend?.resetAndDestroy();
    else this.#backend?.destroy();
  }

  clientClosed(): void {
    if (this.#state === 'dialing' || (this.#state === 'relaying' && this.#reason !== null))
      this.#backend?.destroy();
    this.#endIfClosed();
  }

  clientDrained(): void {
    this.#activeAt = this.#scope.wheel.now;
    this.#backend?.resume();
  }

  backendConnected(backend: net.Socket): void {
    if (backend !== this.#backend) return;
    const plan = this.#plan;
    if (this.#state !== 'dialing' || plan === null) return;
    this.#state = 'relaying';
    this.#connectedAt = performance.now();
    this.#activeAt = this.#scope.wheel.now;
    this.#client.on('drain', onClientDrain);
    backend.on('data', onBackendData).on('end', onBackendEnd).on('drain', onBackendDrain);

    const first = joined(plan.prelude, this.#held);
    this.#held = null;
    let hasRoom = true;
    if (first !== null) hasRoom = backend.write(first);
    if (this.#hasClientEnded) backend.end();
    else if (hasRoom && this.#client.isPaused()) this.#client.resume();
    else if (!hasRoom) this.#client.pause();
    this.#armIdle();
  }

  backendData(chunk: Buffer): void {
    this.#bytesFromBackend += chunk.length;
    if (this.#state !== 'relaying') return;
    this.#activeAt = this.#scope.wheel.now;
    if (this.#bytesFromBackend !== chunk.length && !this.#isClientUndelayed) {
      this.#isClientUndelayed = true;
      this.#client.setNoDelay(true);
    }
    if (!this.#client.write(chunk)) this.#backend?.pause();
  }

  backendEnded(): void {
    this.#hasBackendEnded = true;
    if (this.#state !== 'relaying') return;
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
    if (this.#state === 'relaying') this.#client.resetAndDestroy();
  }

  backendClosed(backend: net.Socket): void {
    if (backend !== this.#backend) return;
    this.#endIfClosed();
  }

  backendDrained(): void {
    this.#activeAt = this.#scope.wheel.now;
    this.#client.resume();
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
      case 'need-more':
        if (peeked.length >= this.#scope.limits.maxHelloBytes) this.#refuseFor('hello-too-large');
        return;
      case 'refuse':
        this.#refuse(decision);
        return;
      case 'forward':
        this.#plan = decision.plan;
        this.#decidedAt = performance.now();
        this.#state = 'dialing';
        this.#dial(decision.plan);
        return;
      default:
        decision satisfies never;
    }
  }

  #dial(plan: Plan): void {
    const candidate = plan.candidates[this.#dials];
    if (candidate === undefined) {
      this.#refuseFor('backend-refused');
      return;
    }
    this.#dials += 1;
    const backend: CarryingSocket = net.connect({
      host: candidate.address,
      port: candidate.port,
      allowHalfOpen: true,
    });
    this.#backend = backend;
    backend[CONNECTION] = this;
    backend.on('error', onBackendError).on('connect', onBackendConnect).on('close', onBackendClose);
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
    this.#refuse({
      kind: 'refuse',
      reason,
      answer:
        this.#plan === null
          ? this.#scope.host.answerFor(reason, this.listener.peek)
          : this.#plan.unreachableAnswer,
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
    if (refusal.answer === null) this.#client.end();
    else this.#client.end(refusal.answer);
    this.#client.resume();
    this.#scope.wheel.arm(this, this.#scope.limits.lingerMs);
  }

  /** The timer is not moved with each byte: when it fires, it looks at how long nothing has happened. */
  #checkIdle(): void {
    const limitMs = this.#idleLimitMs();
    if (limitMs === 0) return;
    const idleMs = this.#scope.wheel.now - this.#activeAt;
    if (idleMs < limitMs) {
      this.#scope.wheel.arm(this, limitMs - idleMs);
      return;
    }
    this.close(this.#hasClientEnded || this.#hasBackendEnded ? 'half-closed-timeout' : 'idle-timeout');
  }

  #armIdle(): void {
    const limitMs = this.#idleLimitMs();
    if (limitMs === 0) this.#scope.wheel.disarm(this);
    else this.#scope.wheel.arm(this, limitMs);
  }

  #idleLimitMs(): number {
    if (this.#plan === null) return 0;
    return this.#hasClientEnded || this.#hasBackendEnded
      ? this.#plan.halfClosedTimeoutMs
      : this.#plan.idleTimeoutMs;
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
    const now = performance.now();
    const candidate = plan?.candidates[this.#dials - 1];
    return {
      reason: this.#reason ?? (plan === null ? 'client-left' : 'completed'),
      listener: this.listener.name,
      clientAddress: this.clientAddress,
      clientPort: this.clientPort,
      serverName: plan?.serverName ?? this.#refusal?.serverName ?? null,
      route: plan?.route ?? this.#refusal?.route ?? null,
      service: plan?.service ?? this.#refusal?.service ?? null,
      hasEch: plan?.hasEch ?? this.#refusal?.hasEch ?? false,
      backend: candidate === undefined ? null : `${candidate.address}:${candidate.port}`,
      bytesFromClient: this.#bytesFromClient,
      bytesFromBackend: this.#bytesFromBackend,
      dials: this.#dials,
      decideMs: this.#decidedAt === 0 ? null : this.#decidedAt - this.#acceptedAt,
      dialMs: this.#connectedAt === 0 ? null : this.#connectedAt - this.#decidedAt,
      durationMs: now - this.#acceptedAt,
    };
  }
}

function onClientData(this: CarryingSocket, chunk: Buffer): void {
  this[CONNECTION]?.clientData(chunk);
}

function onClientEnd(this: CarryingSocket): void {
  this[CONNECTION]?.clientEnded();
}

function onClientError(this: CarryingSocket): void {
  this[CONNECTION]?.clientFailed();
}

function onClientClose(this: CarryingSocket): void {
  this[CONNECTION]?.clientClosed();
}

function onClientDrain(this: CarryingSocket): void {
  this[CONNECTION]?.clientDrained();
}

function onBackendConnect(this: CarryingSocket): void {
  this[CONNECTION]?.backendConnected(this);
}

function onBackendData(this: CarryingSocket, chunk: Buffer): void {
  this[CONNECTION]?.backendData(chunk);
}

function onBackendEnd(this: CarryingSocket): void {
  this[CONNECTION]?.backendEnded();
}

function onBackendError(this: CarryingSocket, error: NodeJS.ErrnoException): void {
  this[CONNECTION]?.backendFailed(this, error);
}

function onBackendClose(this: CarryingSocket): void {
  this[CONNECTION]?.backendClosed(this);
}

function onBackendDrain(this: CarryingSocket): void {
  this[CONNECTION]?.backendDrained();
}

function joined(prelude: Uint8Array | null, held: Uint8Array | null): Uint8Array | null {
  if (prelude === null || held === null) return prelude ?? held;
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
