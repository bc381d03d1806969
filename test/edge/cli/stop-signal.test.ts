import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';

const MODULE = new URL('../../../edge/cli/stop-signal.ts', import.meta.url).href;

/** Says `up`, then what it is asked; ends by itself when it is asked twice. */
const PROGRAM = `
  const { StopSignal } = await import(${JSON.stringify(MODULE)});
  const stop = new StopSignal();
  stop.onSecond(() => { console.log('hurry'); process.exit(); });
  setTimeout(() => process.exit(), 20_000);
  console.log('up ' + process.pid);
  await stop.asked;
  console.log('asked');
`;

interface Started {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly pid: number;
}

async function start(
  t: ExecutionContext,
  command: string,
  args: readonly string[],
  env = {},
): Promise<Started> {
  const { npm_command: _, ...inherited } = process.env;
  const child = spawn(command, args, { env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = (createInterface(child.stdout) as Interface)[Symbol.asyncIterator]();
  const pid = Number(String((await lines.next()).value).split(' ')[1]);
  t.teardown(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should have.
    }
  });
  return { child, lines, pid };
}

const NODE_ARGS = ['--input-type=module', '-e', PROGRAM];

test('the first signal asks, a copy of it right behind says nothing more, and a later one is impatient', async (t) => {
  const { lines, pid } = await start(t, process.execPath, NODE_ARGS);
  process.kill(pid, 'SIGINT');
  t.is((await lines.next()).value, 'asked');
  process.kill(pid, 'SIGINT');
  await delay(400);
  process.kill(pid, 'SIGTERM');
  t.is((await lines.next()).value, 'hurry');
});

test('below npm, the end of the shell in between asks too', async (t) => {
  const script = `'${process.execPath}' --input-type=module -e "$PROGRAM"; true`;
  const { child, lines } = await start(t, 'sh', ['-c', script], { PROGRAM, npm_command: 'exec' });
  child.kill('SIGTERM');
  t.is((await lines.next()).value, 'asked');
});
