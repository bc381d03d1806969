import { readdirSync, readFileSync } from 'node:fs';
import type { Session } from '../session.ts';
import { type Calls, countedEvents, parseCounts, parseStraceSummary } from './calls.ts';
import { type Observer, observed, WATCH_UNTIL_STOPPED } from './observe.ts';

export interface Counting {
  readonly session: Session;
  readonly counter: 'perf' | 'strace';
  /** Counted with all of their threads. */
  readonly pids: readonly number[];
}

/** The system calls that the processes made while the work was done; it may be all that a busy core is slowed by. */
export async function countCalls<Result>(
  { session, counter, pids }: Counting,
  work: () => Promise<Result>,
): Promise<{ readonly calls: Calls; readonly result: Result }> {
  const table = session.path(`calls-${pids[0]}`);
  const observer = counter === 'perf' ? perfStat(pids, table) : strace(pids, table);
  const result = await observed(session, observer, work);
  const counted = readFileSync(table, 'utf8');
  return { calls: counter === 'perf' ? parseCounts(counted) : parseStraceSummary(counted), result };
}

function perfStat(pids: readonly number[], table: string): Observer {
  const events = countedEvents(availableEvents()).flatMap((event) => ['-e', event]);
  return {
    command: 'perf',
    args: ['stat', '-x,', '-o', table, ...events, '-p', pids.join(','), '--', ...WATCH_UNTIL_STOPPED],
    outputFile: `perf-stat-${pids[0]}.log`,
    isWatching: (printed) => printed.includes('watching'),
  };
}

function strace(pids: readonly number[], table: string): Observer {
  return {
    command: 'strace',
    args: ['-f', '-c', '-o', table, ...pids.flatMap((pid) => ['-p', String(pid)])],
    outputFile: `strace-${pids[0]}.log`,
    isWatching: (printed) => pids.every((pid) => new RegExp(`Process ${pid} attached`).test(printed)),
  };
}

/** The kernel's own list; it has one place now and had another. */
function availableEvents(): readonly string[] {
  for (const tracing of ['/sys/kernel/tracing', '/sys/kernel/debug/tracing']) {
    try {
      return readdirSync(`${tracing}/events/syscalls`);
    } catch {
      // Not mounted there.
    }
  }
  return [];
}
