/** Where a load goes: a proxy's port on 127.0.0.1, and the name that its ClientHello asks for. */
export interface Target {
  readonly port: number;
  readonly name: string;
}

/** One order to the load process, which does one at a time. */
export type LoadTask = ShortTask | BulkTask | HoldTask | ReleaseTask;

/** Connections one after the other on `concurrency` lanes: hello, answer, end. */
export interface ShortTask {
  readonly kind: 'short';
  readonly target: Target;
  readonly connections: number;
  readonly concurrency: number;
}

/** `bytes` in all through `parallel` connections at once. */
export interface BulkTask {
  readonly kind: 'download' | 'upload';
  readonly target: Target;
  readonly bytes: number;
  readonly parallel: number;
}

/** Opens connections, waits until each has had its first bytes back, and keeps them open. */
export interface HoldTask {
  readonly kind: 'hold';
  readonly target: Target;
  readonly connections: number;
}

/** Closes what is held. */
interface ReleaseTask {
  readonly kind: 'release';
}

/** What the load process answers: never before every connection of the task is done. */
export type LoadReply = LoadDone | { readonly kind: 'failed'; readonly problem: string };

export interface LoadDone {
  readonly kind: 'done';
  readonly seconds: number;
  /** From the connect to the end, per connection; null for tasks that have no such thing. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
}

/** What the backend process says once it listens: the ports of its services on 127.0.0.1. */
export interface BackendPorts {
  /** Reads the first bytes, sends `ANSWER` and ends. */
  readonly answer: number;
  /** Reads a hello and then how many bytes are wanted (64 bit, big-endian), sends them and ends. */
  readonly source: number;
  /** Counts to the client's end, and answers with the count (64 bit, big-endian). */
  readonly sink: number;
  /** Sends everything back. */
  readonly echo: number;
  /** Speaks first: sends `BANNER` and ends. */
  readonly banner: number;
}

/** ASCII, as long as a small answer. */
export const ANSWER = 'a'.repeat(200);
export const BANNER = '220 ready\r\n';
