import type { ConnectionFacts, ListenerFacts, Peek } from '../connection/facts.ts';
import type { Outcome, Reason } from '../connection/outcome.ts';
import type { Decision } from '../connection/plan.ts';
import type { PendingLimits } from '../limit/pending.ts';

/**
 * An engine moves connections and knows no routes. It accepts on sockets that the primary shares, collects the first
 * bytes, asks `decide`, and does what the decision says:
 *
 *     accept → peek ⇄ decide → refuse (answer, then close)
 *                            → dial (next candidate on failure) → prelude + peeked bytes → relay → outcome
 *
 * - `decide` is called with no bytes at once for a listener that peeks at `none` or requires a PROXY header, else after
 *   each read while it answers `need-more` or `need-header`. After `proxied` it is called again at once, with what came
 *   behind the header, be it nothing; never again after another answer. A header is not replayed.
 * - A `need-more` may say how many bytes it takes at least: more than `maxHelloBytes` is refused at once. Its `cursor`
 *   goes into the facts of the next `decide`.
 * - The hello deadline runs from the accept to the decision. On a listener that may have a PROXY header the connection
 *   ends earlier as `proxy-timeout` where the answer is `need-header` at the header's deadline, or comes to be so later.
 * - While nothing is decided, a connection counts for its peer, unless that `isTrusted`: then for whom its PROXY header
 *   names, if that names anybody.
 * - Half-close is kept both ways, a reset on one side becomes a reset on the other, and what a slow reader has not taken
 *   is bounded.
 * - Every accepted connection gets exactly one `report`.
 */
export interface Engine {
  readonly name: 'node' | 'splice';

  /**
   * Listens and accepts on a bound socket, which other workers may be listening on too. The engine owns `socket` from
   * here on. Rejects with the system's error, `EADDRINUSE` for one, and then has closed it.
   */
  listen(socket: SharedSocket, listener: ListenerFacts): Promise<Listening>;

  /** Connections accepted and not yet reported. */
  readonly liveConnections: number;

  /** Ends every live connection at once, with the reason `drained`. The caller has stopped the listeners. */
  closeConnections(): void;
}

/** One listener's socket in this worker. */
export interface Listening {
  /** Accepts no more; live connections go on. The socket stays open in the primary, so nothing that waits in its backlog is lost. */
  stop(): void;
}

/** What the primary hands over: this process' own descriptor of a bound socket that all workers share. */
export interface SharedSocket {
  readonly fd: number;
  /** Closes this process' descriptor; the socket itself stays open in the others. */
  close(): void;
}

/** What an engine asks of the worker around it. */
export interface EngineHost {
  /**
   * Reads the first bytes. Must not keep `peeked`, which may be a shared buffer. An engine treats a throw as
   * `internal-error`.
   */
  decide(peeked: Uint8Array, facts: ConnectionFacts): Decision;
  /** Whether a peer is a proxy whose PROXY headers are believed: its connections are not its own. */
  isTrusted(listener: ListenerFacts, peerAddress: string): boolean;
  /** What a client is sent when the engine itself ends a connection before or instead of relaying. */
  answerFor(reason: Reason, peek: Peek): Uint8Array | null;
  report(outcome: Outcome): void;
  /** Something that is not one connection's: accept failed, descriptors ran out. */
  warn(problem: EngineProblem): void;
}

export interface EngineProblem {
  readonly code: string;
  readonly message: string;
}

/** What is the same for every connection of an engine. */
export interface EngineLimits {
  /** From the accept to the decision. */
  readonly helloTimeoutMs: number;
  /** From the accept to the end of a PROXY header. */
  readonly proxyHeaderTimeoutMs: number;
  /** Peeked bytes at most, a PROXY header not counted; a hello that is still incomplete then is refused. */
  readonly maxHelloBytes: number;
  /** How long a refused client may take to read its answer before the socket is closed under it. */
  readonly lingerMs: number;
  /**
   * Connections at once at most in this worker; 0 means no limit but the process' file descriptors. For one more, the
   * oldest that nothing is decided about gives way; where there is none, the new one is refused as `overloaded`.
   */
  readonly maxConnections: number;
  /** Of the connections that nothing is decided about yet: past one of these the oldest ends at once, as `gave-way`. */
  readonly pending: PendingLimits;
}

export type CreateEngine = (host: EngineHost, limits: EngineLimits) => Engine;
