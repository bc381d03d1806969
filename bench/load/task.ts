/** Where a load goes: a port on 127.0.0.1, and the name that its ClientHello asks for. */
export interface Target {
  readonly port: number;
  readonly name: string;
}

/** One order to the load process, which does one at a time. */
export type LoadTask =
  | ShortTask
  | BulkTask
  | HoldTask
  | MessagesTask
  | ReleaseTask
  | HandshakesTask
  | KeepAliveTask;

/** Connections that carry a hello and an answer, and end. */
export interface ShortTask {
  readonly kind: 'short';
  readonly target: Target;
  readonly connections: number;
  readonly pace: Pace;
}

/** When the next piece of work begins. */
export type Pace =
  /** When the one before it has ended, on so many lanes: as fast as all that take part are. */
  | { readonly kind: 'lanes'; readonly count: number }
  /** So many a second, whatever becomes of those before. */
  | { readonly kind: 'rate'; readonly perSecond: number };

/** `bytes` in all through `parallel` connections at once; `both` moves as many each way. */
export interface BulkTask {
  readonly kind: 'download' | 'upload' | 'both';
  readonly target: Target;
  readonly bytes: number;
  readonly parallel: number;
}

/** Opens connections, in turns over the targets, waits until each has had its first bytes back, and keeps them open. */
export interface HoldTask {
  readonly kind: 'hold';
  readonly targets: readonly Target[];
  readonly connections: number;
  /** @default 64 lanes */
  readonly pace?: Pace;
}

/** Sends messages over what is held, one connection after the other, at a steady rate; the backend sends each back. */
export interface MessagesTask {
  readonly kind: 'messages';
  readonly messages: number;
  readonly perSecond: number;
}

/** Closes what is held. */
interface ReleaseTask {
  readonly kind: 'release';
}

/** Full TLS handshakes with the backend, each on a connection of its own. */
export interface HandshakesTask {
  readonly kind: 'handshakes';
  readonly target: Target;
  readonly handshakes: number;
  readonly pace: Pace;
}

/** HTTPS requests over connections that stay. */
export interface KeepAliveTask {
  readonly kind: 'keep-alive';
  readonly target: Target;
  readonly requests: number;
  readonly connections: number;
}

/** What the load process answers: never before every connection of the task is done. */
export type LoadReply = LoadDone | { readonly kind: 'failed'; readonly problem: string };

export interface LoadDone {
  readonly kind: 'done';
  readonly seconds: number;
  /** Of each piece of work, from its begin to its end; null for tasks that have no such thing. */
  readonly latencyMs: Latency | null;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** What the backend process says once it listens: the ports of its services on 127.0.0.1. */
export interface BackendPorts {
  /** Reads the first bytes, sends `ANSWER` and ends. */
  readonly answer: number;
  /** Reads a hello and then how many bytes are wanted (64 bit, big-endian), sends them and ends. */
  readonly source: number;
  /** Reads a hello, how many bytes will come (64 bit, big-endian), and these; answers with their count in the same form, and ends. */
  readonly sink: number;
  /** The same, while it sends as many. */
  readonly duplex: number;
  /** Sends everything back. Four of them, since a proxy has some 28,000 ports of its own for one address and port. */
  readonly echo: number;
  readonly echo2: number;
  readonly echo3: number;
  readonly echo4: number;
  /** Takes part in a TLS handshake, and ends when the client does. */
  readonly tls: number;
  /** Answers HTTPS requests with `ANSWER`. */
  readonly https: number;
  /** Speaks first: sends `BANNER` and ends. */
  readonly banner: number;
}

/** ASCII, as long as a small answer. */
export const ANSWER = 'a'.repeat(200);
export const BANNER = '220 ready\r\n';
