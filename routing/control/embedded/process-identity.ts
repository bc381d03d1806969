import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Names a running process for as long as the machine is up, since process ids are used again: its id, when it started
 * and, on Linux, the boot. Null where no such process runs.
 */
export function processIdentity(pid: number): string | null {
  if (!isProcessAlive(pid)) return null;
  const started = process.platform === 'linux' ? startedOnLinux(pid) : askPs(pid, 'lstart=');
  return started === null ? null : `${pid} ${started}`;
}

/** Whether the process is there, also where it belongs to somebody else. A zombie is not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
  return process.platform !== 'linux' || readStat(pid)?.state !== 'Z';
}

/** The process' command line, with spaces between its arguments; null where it cannot be read. */
export function processCommand(pid: number): string | null {
  if (process.platform !== 'linux') return askPs(pid, 'command=');
  return readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? null;
}

function startedOnLinux(pid: number): string | null {
  const stat = readStat(pid);
  if (stat === null) return null;
  return `${readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? ''} ${stat.startTicks}`;
}

/** proc(5): the second field is the name in parentheses, which may hold anything, so count from the last one. */
function readStat(pid: number): { readonly state: string; readonly startTicks: string } | null {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function askPs(pid: number, column: string): string | null {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
