/** How often each system call was made; all other calls together are `others`. */
export type Calls = ReadonlyMap<string, number>;

export const OTHERS = 'others';

/**
 * What a proxy may call. Each takes a counter in each thread, which costs at every switch of threads, so what is not here
 * is only counted as a whole.
 */
const COUNTED: readonly string[] = [
  'accept4',
  'bind',
  'clock_gettime',
  'clock_nanosleep',
  'close',
  'connect',
  'epoll_ctl',
  'epoll_pwait',
  'epoll_wait',
  'fcntl',
  'futex',
  'getpeername',
  'getsockname',
  'getsockopt',
  'gettimeofday',
  'ioctl',
  'pipe2',
  'poll',
  'read',
  'readv',
  'recvfrom',
  'recvmsg',
  'sendmsg',
  'sendto',
  'setsockopt',
  'shutdown',
  'socket',
  'splice',
  'write',
  'writev',
];

const TOTAL_EVENT = 'raw_syscalls:sys_enter';
const EVENT_PREFIX = 'syscalls:sys_enter_';

/** Names of what `perf stat` is to count; `available` are the kernel's own, which differ by architecture. */
export function countedEvents(available: readonly string[]): readonly string[] {
  const names = COUNTED.filter((name) => available.includes(`sys_enter_${name}`));
  return [TOTAL_EVENT, ...names.map((name) => EVENT_PREFIX + name)];
}

/** Reads `perf stat -x,`: in each line the count, its unit, and the event. */
export function parseCounts(lines: string): Calls {
  const counts = new Map<string, number>();
  for (const line of lines.split('\n')) {
    const [count = '', , event = ''] = line.split(',');
    if (/^\d+$/.test(count)) counts.set(event, Number(count));
  }
  const calls = new Map<string, number>();
  for (const [event, count] of counts)
    if (event.startsWith(EVENT_PREFIX) && count > 0) calls.set(event.slice(EVENT_PREFIX.length), count);
  const named = Array.from(calls.values()).reduce((sum, count) => sum + count, 0);
  const others = (counts.get(TOTAL_EVENT) ?? named) - named;
  if (others > 0) calls.set(OTHERS, others);
  return calls;
}

/** Reads the table of `strace -c`: the fourth column has the calls, the last the name, and one between them errors. */
export function parseStraceSummary(table: string): Calls {
  const calls = new Map<string, number>();
  for (const line of table.split('\n')) {
    const [, count, name] = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$/.exec(line) ?? [];
    if (count !== undefined && name !== undefined && name !== 'total') calls.set(name, Number(count));
  }
  return calls;
}
