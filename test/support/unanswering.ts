import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import type { ExecutionContext } from 'ava';

/**
 * A loopback port that neither accepts nor refuses, as an instance that has vanished from the network: a listener with a
 * backlog of one whose process is stopped and whose backlog is full, so that the kernel drops what asks for more.
 */
export async function startUnansweringPort(
  t: ExecutionContext,
): Promise<{ readonly address: string; readonly port: number }> {
  const program = `const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  const port = Number(String(line));
  child.kill('SIGSTOP');
  // Linux lets one more than the backlog in; the ones after that hang in SYN_SENT.
  const fillers = Array.from({ length: 4 }, () => net.connect({ host: '127.0.0.1', port }));
  for (const filler of fillers) filler.on('error', () => {});
  t.teardown(() => fillers.forEach((filler) => void filler.destroy()));
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')));
  return { address: '127.0.0.1', port };
}
