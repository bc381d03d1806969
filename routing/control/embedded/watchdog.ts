import { spawn } from 'node:child_process';
import type { Account } from './account.ts';

/** Ends of file on its input, which only we hold, say that we are gone. */
const SCRIPT = 'read -r _; kill -INT "$1"';

/**
 * Has a small shell wait for this process to end, in whatever way, and then ask the server to shut down: a server that
 * is in a process group of its own would outlive a weir that was killed.
 *
 * Answers with a function that calls it off. As the server's account it can signal nothing but that account's processes.
 */
export function watchOver(serverPid: number, account: Account | null): () => void {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'weir-watchdog', String(serverPid)], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell the next start still finds the server.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  return () => {
    shell.kill('SIGKILL');
  };
}
