import type { Load } from '../load/load-processes.ts';
import type { LoadTask } from '../load/task.ts';
import { type Balance, balanceOf, type Handfuls, handfulsOf } from './balance.ts';
import { type Disturbance, disturb } from './disturbance.ts';
import type { SharingEdge } from './edge.ts';
import type { Survey } from './survey.ts';

/** The loads whose balance is measured. */
export const LOADS = {
  low: 'short, 200 /s',
  middle: 'short, 2,000 /s',
  most: 'short, as many as go',
  long: '2,000 long ones, 500 /s',
} as const;
export type LoadName = keyof typeof LOADS;

/** What is measured on one fresh edge. */
export interface Sample {
  readonly balances: Readonly<Record<LoadName, Balance>>;
  readonly handfuls: Handfuls;
  readonly disturbances: Readonly<Record<Disturbance, Survey>>;
}

/** All of it, in turn; workers are replaced at the end only. */
export async function sampleOf(edge: SharingEdge, load: Load): Promise<Sample> {
  // Those that come in the places of others are counted behind them.
  const workers = edge.counts().length;
  const short = (connections: number, pace: Extract<LoadTask, { kind: 'short' }>['pace']): LoadTask => ({
    kind: 'short',
    target: edge.answer,
    connections,
    pace,
  });
  const low = await balanceOf(edge, load, short(500, { kind: 'rate', perSecond: 200 }));
  const middle = await balanceOf(edge, load, short(3_000, { kind: 'rate', perSecond: 2_000 }));
  const most = await balanceOf(edge, load, short(10_000, { kind: 'lanes', count: 48 }));
  const long = await balanceOf(edge, load, {
    kind: 'hold',
    targets: [edge.echo],
    connections: 2_000,
    pace: { kind: 'rate', perSecond: 500 },
  });
  await load.perform({ kind: 'release' });
  const handfuls = await handfulsOf(edge, load);
  const busy = await disturb(edge, 0, 'busy');
  await edge.settle();
  const leaves = await disturb(edge, 0, 'leaves');
  const killed = await disturb(edge, 1, 'killed');
  const stuck = await disturb(edge, workers, 'stuck');
  return { balances: { low, middle, most, long }, handfuls, disturbances: { busy, leaves, killed, stuck } };
}
