import type { Load } from '../load/load-processes.ts';
import { type Usage, usageOf } from '../measure/usage.ts';
import type { ProxyName, RunningProxy } from '../proxies/proxy.ts';
import type { Session } from '../session.ts';
import type { Calls } from './calls.ts';
import { countCalls } from './count-calls.ts';
import { LOADS, type LoadName } from './loads.ts';
import { sampleStacks } from './sample-stacks.ts';
import type { Stack } from './stacks.ts';
import type { Tools } from './tools.ts';

/** What one proxy did with one load. */
export interface Finding {
  readonly proxy: ProxyName;
  readonly load: LoadName;
  /** CPU time of each connection or GB, in the load's unit, while nobody looked. */
  readonly cpu: number;
  /** The same while calls were counted, and while stacks were sampled: what looking costs. Null where that was not done. */
  readonly cpuWhileCounted: number | null;
  readonly cpuWhileSampled: number | null;
  /** Of all connections or GB together; null where they could not be counted. */
  readonly calls: Calls | null;
  readonly units: number;
  /** Null where they could not be sampled. */
  readonly stacks: readonly Stack[] | null;
}

export interface Subject {
  readonly session: Session;
  readonly load: Load;
  readonly tools: Tools;
  readonly proxy: RunningProxy;
  readonly name: LoadName;
  /** Connections or GB, in each of the passes. */
  readonly units: number;
}

const WARM_UP_SHARE = 0.3;

/** The same load four times: to warm up, unobserved, counted, and sampled. */
export async function dissect({ session, load, tools, proxy, name, units }: Subject): Promise<Finding> {
  const kind = LOADS[name];
  const { pids } = proxy;
  const perform = (): Promise<Usage> =>
    usageOf({ pids, load, machine: session.machine }, () => load.perform(kind.task(proxy, units)));
  const cpuOf = ({ cpuSeconds }: Usage): number => (cpuSeconds / units) * kind.cpuUnitsPerSecond;

  await load.perform(kind.task(proxy, Math.ceil(units * WARM_UP_SHARE)));
  const plain = await perform();
  const { counter } = tools;
  const counted = counter === null ? null : await countCalls({ session, counter, pids }, perform);
  const sampled = tools.canSample ? await sampleStacks({ session, pids }, perform) : null;
  return {
    proxy: proxy.name,
    load: name,
    units,
    cpu: cpuOf(plain),
    calls: counted?.calls ?? null,
    cpuWhileCounted: counted === null ? null : cpuOf(counted.result),
    stacks: sampled?.stacks ?? null,
    cpuWhileSampled: sampled === null ? null : cpuOf(sampled.result),
  };
}
