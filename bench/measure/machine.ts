import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { congestionControl } from './congestion-control.ts';

/** What figures depend on, said without naming the machine. */
export interface Machine {
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  /** What sockets begin with. */
  readonly congestionControl: string;
  /** Where the processes run: null where they cannot be pinned. */
  readonly pinning: Pinning | null;
  /** File descriptors that one process may have open. */
  readonly maxFiles: number;
}

interface Pinning {
  readonly proxyCore: number;
  /** The generator's. */
  readonly loadCore: number;
  /** The generator's too where there are but two cores. */
  readonly backendCore: number;
}

/**
 * With room for `wantedFiles` where the limit can be raised, which takes root: for this process and all that it starts.
 */
export function describeMachine(wantedFiles = 0): Machine {
  if (wantedFiles > findMaxFiles()) raiseMaxFiles(wantedFiles);
  return {
    cores: availableParallelism(),
    kernel: `Linux ${/^\d+\.\d+/.exec(release())?.[0] ?? release()}`,
    node: process.version,
    congestionControl: congestionControl(),
    pinning: findPinning(),
    maxFiles: findMaxFiles(),
  };
}

/** The first three cores that this process may use, or two, given that taskset(1) is there to bind others to them. */
function findPinning(): Pinning | null {
  const [proxyCore, loadCore, backendCore] = allowedCores();
  if (proxyCore === undefined || loadCore === undefined) return null;
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return { proxyCore, loadCore, backendCore: backendCore ?? loadCore };
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

/** By prlimit(1); where it may not, the limit stays, and whoever asks for it is told. */
function raiseMaxFiles(files: number): void {
  try {
    execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${files}:${files}`], {
      stdio: 'ignore',
    });
  } catch {
    // Not root, or beyond what the kernel gives to anybody.
  }
}

/** Node raises its soft limit to the hard one at its start, and what it spawns inherits that. */
function findMaxFiles(): number {
  return maxFilesOf('self');
}

/** File descriptors that a running process may have open. */
export function maxFilesOf(pid: number | 'self'): number {
  const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}
