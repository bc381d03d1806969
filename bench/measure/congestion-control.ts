import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const SETTING = '/proc/sys/net/ipv4/tcp_congestion_control';

/** Says that this process has been started where it has what it wants. */
const MARK = 'BENCH_NAMESPACE';

/** What sockets that say nothing of it begin with here. It decides much of what a gigabyte costs: `bbr` paces by timers. */
export function congestionControl(): string {
  return readFileSync(SETTING, 'utf8').trim();
}

/** Whether another congestion control is wanted than sockets have here. */
export function isElsewhere(wanted: string | null): wanted is string {
  return wanted !== null && wanted !== congestionControl();
}

/**
 * Runs a script of ours once more, in a network namespace of its own in which `wanted` is the congestion control, and
 * answers with its exit code; 1, with a line on standard error, where it cannot be had. What is signalled is passed on, and
 * the child ends what it has started.
 */
export async function runWithCongestionControl(
  wanted: string,
  command: readonly [script: string, ...args: string[]],
): Promise<number> {
  if (process.env[MARK] !== undefined || process.getuid?.() !== 0) return cannotBeHad(wanted);
  const script = `ip link set lo up || exit 1
    echo "$0" 2>/dev/null > ${SETTING} || { echo "the kernel has no congestion control $0" >&2; exit 1; }
    exec "$@"`;
  const child = spawn('unshare', ['--net', 'sh', '-c', script, wanted, process.execPath, ...command], {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: wanted },
  });
  // A terminal's Ctrl-C goes to both already.
  const pass = (signal: NodeJS.Signals) => signal !== 'SIGINT' && child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, pass);
  try {
    const [code] = await once(child, 'exit');
    return typeof code === 'number' ? code : 1;
  } catch {
    return cannotBeHad(wanted);
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}

function cannotBeHad(wanted: string): number {
  process.stderr.write(
    `congestion control ${wanted}: it takes root, unshare(1), ip(8), and a kernel that knows it\n`,
  );
  return 1;
}
