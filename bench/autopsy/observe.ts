import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { processTree } from '../measure/process-tree.ts';
import type { Session } from '../session.ts';

/** A program that watches other processes from when it is there until it is told to end, and then says what it saw. */
export interface Observer {
  readonly command: string;
  readonly args: readonly string[];
  /** File in the session's directory that takes its output. */
  readonly outputFile: string;
  /** Whether what it has printed says that it sees all that is to be seen. */
  isWatching(printed: string): boolean;
}

const START_DEADLINE_MS = 10_000;
const END_DEADLINE_MS = 10_000;
const POLL_MS = 20;

/**
 * A command for perf, which watches as long as that runs: it is started after the counters, so what it prints says that
 * they are there.
 */
export const WATCH_UNTIL_STOPPED = ['sh', '-c', 'echo watching; exec sleep 600'] as const;

/** Does the work while it is watched; on the load's core, to leave the proxy its own. Throws when the observer fails. */
export async function observed<Result>(
  session: Session,
  observer: Observer,
  work: () => Promise<Result>,
): Promise<Result> {
  const { command, args, outputFile } = observer;
  const child = session.start({ command, args, side: 'load', outputFile });
  const printed = (): string => readFileSync(session.path(outputFile), 'utf8');
  const deadline = performance.now() + START_DEADLINE_MS;
  try {
    while (!observer.isWatching(printed())) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`${command} does not start to watch: ${printed().trim().split('\n').at(-1)}`);
      await delay(POLL_MS);
    }
    const result = await work();
    if (child.exitCode !== null) throw new Error(`${command} ended too early: ${printed().trim()}`);
    return result;
  } finally {
    await finish(child);
    await session.stop(child);
  }
}

/** perf says what it saw when the command has ended that it runs, and strace, which runs none, when it is interrupted. */
async function finish(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(END_DEADLINE_MS) });
  const [, commandOfPerf] = processTree(child.pid ?? 0);
  if (commandOfPerf === undefined) child.kill('SIGINT');
  else process.kill(commandOfPerf.pid);
  await ended.catch(() => {}); // Whoever stops the process kills what hangs.
}
