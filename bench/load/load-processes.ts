import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Session } from '../session.ts';
import type { BackendPorts, LoadDone, LoadReply, LoadTask } from './task.ts';

const START_DEADLINE_MS = 30_000;
/** Far longer than any task takes: what is lost in a proxy must not stop a run for ever. */
const TASK_DEADLINE_MS = 180_000;

/** The generator and the backend: two processes, so that neither's garbage collection stops the other. */
export interface Load {
  readonly backends: BackendPorts;
  readonly clientPid: number;
  readonly backendPid: number;
  /** Rejects when a single connection of the task fails. */
  perform(task: LoadTask): Promise<LoadDone>;
}

/** Both live until the session ends. */
export async function startLoad(session: Session): Promise<Load> {
  const backend = startProcess(session, 'backend');
  const client = startProcess(session, 'load');
  const [backends] = await Promise.all([nextMessage<BackendPorts>(backend), nextMessage<'ready'>(client)]);
  return {
    backends,
    clientPid: client.pid ?? 0,
    backendPid: backend.pid ?? 0,
    async perform(task) {
      const reply = nextMessage<LoadReply>(client, TASK_DEADLINE_MS);
      client.send(task);
      const result = await reply;
      if (result.kind === 'failed') throw new Error(`${task.kind} load: ${result.problem}`);
      return result;
    },
  };
}

const SCRIPTS = {
  backend: new URL('./backend-process.ts', import.meta.url),
  load: new URL('./client-process.ts', import.meta.url),
} as const;

function startProcess(session: Session, side: keyof typeof SCRIPTS): ChildProcess {
  return session.start({
    command: process.execPath,
    args: [fileURLToPath(SCRIPTS[side])],
    side,
    hasChannel: true,
  });
}

/** Both ends of the channel are this run's own, so the message is what its sender's type says. */
async function nextMessage<Message>(child: ChildProcess, deadlineMs = START_DEADLINE_MS): Promise<Message> {
  const ended = new AbortController();
  const late = setTimeout(
    () => ended.abort(new Error(`a load process said nothing for ${deadlineMs / 1000} s`)),
    deadlineMs,
  );
  const onExit = (): void => ended.abort(new Error('a load process ended'));
  child.once('exit', onExit);
  try {
    const [message] = await once(child, 'message', { signal: ended.signal });
    return message;
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    clearTimeout(late);
    child.off('exit', onExit);
  }
}
