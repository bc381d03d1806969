import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';

/** What figures depend on, said without naming the machine. */
export interface Machine {
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  /** Where the processes run: null where they cannot be pinned. */
  readonly pinning: Pinning | null;
  /** File descriptors that one process may have open. */
  readonly maxFiles: number;
}

interface Pinning {
  readonly proxyCore: number;
  readonly loadCore: number;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    kernel: `Linux ${/^\d+\.\d+/.exec(release())?.[0] ?? release()}`,
    node: process.version,
    pinning: findPinning(),
    maxFiles: findMaxFiles(),
  };
}

/** The first two cores that this process may use, given that taskset(1) is there to bind others to them. */
function findPinning(): Pinning | null {
  const [proxyCore, loadCore] = allowedCores();
  if (proxyCore === undefined || loadCore === undefined) return null;
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return { proxyCore, loadCore };
}

/** proc(5): a list such as `0-3,8`. */
function allowedCores(): readonly number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Node raises its soft limit to the hard one at its start, and what it spawns inherits that. */
function findMaxFiles(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}
