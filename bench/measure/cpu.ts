import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time that the processes have used so far, in seconds: user and system, over all of their live threads.
 *
 * From `/proc/PID/task/TID/schedstat`, which counts nanoseconds; a kernel without CONFIG_SCHED_INFO answers 0 there,
 * and `/proc/PID/stat`, which counts ticks of 10 ms, is used instead. Throws when a process is gone: what it had used
 * is gone with it.
 */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (scheduledSeconds(pid) || tickedSeconds(pid)), 0);
}

function scheduledSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [running] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    nanoseconds += Number(running);
  }
  return nanoseconds / 1e9;
}

/** proc(5): utime and stime are fields 14 and 15; field 2, the command in parentheses, may itself hold spaces. */
function tickedSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
