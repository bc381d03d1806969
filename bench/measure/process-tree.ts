import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** A process that was seen alive; the start time tells it from a later one with the same number. */
export interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since the boot. */
  readonly startedAt: number;
}

/** The process and everything below it that lives now, parents first; nothing when it has ended. */
export function processTree(root: number): readonly SeenProcess[] {
  const all = liveProcesses();
  const children = Map.groupBy(all, (process) => process.parent);
  const tree = all.filter((process) => process.pid === root);
  for (const { pid } of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

export function isAlive(process: SeenProcess): boolean {
  return readProcess(process.pid)?.startedAt === process.startedAt;
}

/** The file name of the program that the process runs, or null when it is gone or another user's. */
export function programName(pid: number): string | null {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return null;
  }
}

function liveProcesses(): readonly SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

/** proc(5): behind the command in parentheses come state, parent and, as field 22, the start. Null for one that has ended, zombies included. */
function readProcess(pid: number): SeenProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : { pid, parent: Number(fields[1]), startedAt: Number(fields[19]) };
  } catch {
    return null;
  }
}
