import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Resolves once something accepts on the port of 127.0.0.1; rejects when the process has ended or after `deadlineMs`. */
export async function accepting(child: ChildProcess, port: number, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await isAccepting(port))) {
    if (child.pid === undefined || child.exitCode !== null) throw new Error('the proxy ended at its start');
    if (performance.now() > deadline)
      throw new Error(`nothing accepts on port ${port} after ${deadlineMs} ms`);
    await delay(POLL_MS);
  }
}

async function isAccepting(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
