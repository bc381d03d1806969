import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Session } from '../session.ts';
import type { BackendPorts, LoadDone, LoadReply, LoadTask } from './task.ts';

/** The generator and the backend: two processes, so that neither's garbage collection stops the other. */
export interface Load {
  readonly backends: BackendPorts;
  /** Rejects when a single connection of the task fails. */
  perform(task: LoadTask): Promise<LoadDone>;
}

/** Both live until the session ends. */
export async function startLoad(session: Session): Promise<Load> {
  const backend = startProcess(session, new URL('./backend-process.ts', import.meta.url));
  const client = startProcess(session, new URL('./client-process.ts', import.meta.url));
  const [backends] = await Promise.all([nextMessage<BackendPorts>(backend), nextMessage<'ready'>(client)]);
  return {
    backends,
    async perform(task) {
      const reply = nextMessage<LoadReply>(client);
      client.send(task);
      const result = await reply;
      if (result.kind === 'failed') throw new Error(`${task.kind} load: ${result.problem}`);
      return result;
    },
  };
}

function startProcess(session: Session, script: URL): ChildProcess {
  return session.start({
    command: process.execPath,
    args: [fileURLToPath(script)],
    side: 'load',
    hasChannel: true,
  });
}

/** Both ends of the channel are this run's own, so the message is what its sender's type says. */
async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  const onExit = (): void => ended.abort(new Error('a load process ended'));
  child.once('exit', onExit);
  try {
    const [message] = await once(child, 'message', { signal: ended.signal });
    return message;
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    child.off('exit', onExit);
  }
}
