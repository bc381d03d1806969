import { connect } from 'node:net';

/** One connection that shows whether something is live. Times are of `performance.now()`. */
export interface Probe {
  /** The client's own port, by which the access log names the connection; 0 where it never came about. */
  readonly clientPort: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** `answered` in full, `refused` because nobody listens, or `ended` in any other way. */
  readonly result: 'answered' | 'refused' | 'ended';
}

/** What a probe does. */
export interface ProbePlan {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Sent first; null waits for the backend to speak. */
  readonly hello: Buffer | null;
  /** The whole of what the backend says. */
  readonly answer: string;
}

/** Connects, sends and reads to the end; resolves whatever happens. */
export function probe({ port, hello, answer }: ProbePlan): Promise<Probe> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const received: Buffer[] = [];
    let clientPort = 0;
    let isRefused = false;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', (error: NodeJS.ErrnoException) => {
      isRefused = error.code === 'ECONNREFUSED';
    });
    socket.on('connect', () => {
      clientPort = socket.localPort ?? 0;
    });
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('close', () => {
      const isAnswered = Buffer.concat(received).toString('latin1') === answer;
      const result = isAnswered ? 'answered' : isRefused ? 'refused' : 'ended';
      resolve({ clientPort, startedAt, endedAt: performance.now(), result });
    });
    if (hello !== null) socket.write(hello);
  });
}
