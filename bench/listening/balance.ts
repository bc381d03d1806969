import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from '../load/load-processes.ts';
import type { LoadTask } from '../load/task.ts';
import { cpuSeconds } from '../measure/cpu.ts';
import type { SharingEdge } from './edge.ts';

/** How one load was spread over the workers, and what it cost them. */
export interface Balance {
  /** Share of the connections that each worker took, most first. */
  readonly shares: readonly number[];
  /** All workers' CPU time, in microseconds per connection. */
  readonly cpuMicros: number;
  /** Accepts that found nothing though the worker was woken for them, per connection. */
  readonly vainAccepts: number;
  /** Turns of the engine in which there was nothing, per connection. */
  readonly emptyTurns: number;
  readonly turns: number;
  /** Times that a worker's threads went to sleep and were woken, for whatever reason, per connection. */
  readonly sleeps: number;
}

/** A few long connections: what the busiest worker had of each handful. */
export interface Handfuls {
  /** Mean share of the busiest worker. */
  readonly mostShare: number;
  /** Handfuls that one worker had to itself, as a share of all. */
  readonly allOnOne: number;
}

const AFTERMATH_MS = 150;
const HANDFUL = 8;
const HANDFULS = 10;
const HANDFUL_PER_SECOND = 100;

/** Performs the load on an edge none of whose workers has been replaced. */
export async function balanceOf(edge: SharingEdge, load: Load, task: LoadTask): Promise<Balance> {
  const before = edge.counts();
  const pids = before.map(({ pid }) => pid);
  const [cpuBefore, sleepsBefore] = [cpuSeconds(pids), countSleeps(pids)];
  await load.perform(task);
  await delay(AFTERMATH_MS);
  const [cpu, sleeps] = [cpuSeconds(pids) - cpuBefore, countSleeps(pids) - sleepsBefore];
  const after = edge.counts();
  const taken = (field: 'accepts' | 'vainAccepts' | 'emptyTurns' | 'turns'): readonly number[] =>
    after.map((worker, at) => worker[field] - (before[at]?.[field] ?? 0));
  const accepts = taken('accepts');
  const connections = sum(accepts);
  return {
    shares: accepts.map((count) => count / connections).sort((a, b) => b - a),
    cpuMicros: (cpu * 1e6) / connections,
    vainAccepts: sum(taken('vainAccepts')) / connections,
    emptyTurns: sum(taken('emptyTurns')) / connections,
    turns: sum(taken('turns')) / connections,
    sleeps: sleeps / connections,
  };
}

/** Eight long connections, 10 ms apart, closed again; ten times. */
export async function handfulsOf(edge: SharingEdge, load: Load): Promise<Handfuls> {
  const most: number[] = [];
  for (let handful = 0; handful < HANDFULS; handful += 1) {
    const { shares } = await balanceOf(edge, load, {
      kind: 'hold',
      targets: [edge.echo],
      connections: HANDFUL,
      pace: { kind: 'rate', perSecond: HANDFUL_PER_SECOND },
    });
    most.push(shares[0] ?? Number.NaN);
    await load.perform({ kind: 'release' });
  }
  return { mostShare: sum(most) / HANDFULS, allOnOne: most.filter((share) => share === 1).length / HANDFULS };
}

/** proc(5): a voluntary switch is a thread that waits. */
function countSleeps(pids: readonly number[]): number {
  const threads = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((thread) => `${pid}/task/${thread}`),
  );
  return sum(
    threads.map((thread) => {
      const status = readFileSync(`/proc/${thread}/status`, 'utf8');
      return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
    }),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
