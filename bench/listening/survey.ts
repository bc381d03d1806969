import { connect } from 'node:net';
import { captureHello } from '../load/hello.ts';
import { steadily } from '../load/pace.ts';
import { ANSWER, type Target } from '../load/task.ts';
import { percentile } from '../measure/statistics.ts';

/** What became of connections that were begun at a steady rate, whatever became of those before. */
export interface Survey {
  readonly connections: number;
  /** Nobody listened. */
  readonly refused: number;
  /** Ended by a reset before the whole answer was there. */
  readonly reset: number;
  /** Ended in another way before that, or without an answer for 5 s. */
  readonly unanswered: number;
  /** Answered, but only after 50 ms. */
  readonly late: number;
  /** Of those that were answered, in milliseconds. */
  readonly p99: number;
  readonly longest: number;
}

/** Short ones: a hello, an answer, the end. */
export interface SurveyPlan {
  readonly target: Target;
  readonly connections: number;
  readonly perSecond: number;
}

const DEADLINE_MS = 5_000;
const LATE_MS = 50;

/** Resolves when all of them have ended; a connection that fails is counted and stops nothing. */
export async function survey({ target, connections, perSecond }: SurveyPlan): Promise<Survey> {
  const hello = await captureHello(target.name);
  const fates: Promise<Fate>[] = [];
  await steadily(perSecond, connections, () => fates.push(tryOnce(target.port, hello)));
  const all = await Promise.all(fates);
  const count = (kind: Fate['kind']): number => all.filter((fate) => fate.kind === kind).length;
  const answered = all.flatMap((fate) => (fate.kind === 'answered' ? fate.tookMs : []));
  return {
    connections,
    refused: count('refused'),
    reset: count('reset'),
    unanswered: count('unanswered'),
    late: answered.filter((tookMs) => tookMs > LATE_MS).length,
    p99: percentile(answered, 0.99),
    longest: Math.max(...answered),
  };
}

type Fate =
  | { readonly kind: 'answered'; readonly tookMs: number }
  | { readonly kind: 'refused' | 'reset' | 'unanswered' };

function tryOnce(port: number, hello: Buffer): Promise<Fate> {
  return new Promise((resolve) => {
    const begun = performance.now();
    let received = 0;
    let code: string | undefined;
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(DEADLINE_MS, () => socket.destroy());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    socket.on('data', (chunk) => {
      received += chunk.length;
    });
    socket.on('close', () => {
      if (received === ANSWER.length) resolve({ kind: 'answered', tookMs: performance.now() - begun });
      else if (code === 'ECONNREFUSED') resolve({ kind: 'refused' });
      else resolve({ kind: code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'unanswered' });
    });
    socket.write(hello);
  });
}
