import type { LoadTask } from '../load/task.ts';
import { type Usage, usageOf } from '../measure/usage.ts';
import type { Bench, Phase, Recorder } from '../measurement.ts';
import type { RunningProxy } from '../proxies/proxy.ts';

/** Performs the load on the proxy, and records how busy both sides were with it. */
export async function performWatched(
  { bench, recorder, proxy }: { bench: Bench; recorder: Recorder; proxy: RunningProxy },
  phase: Phase,
  task: LoadTask,
): Promise<Usage> {
  const { load, session } = bench;
  const usage = await usageOf({ pids: proxy.pids, load, machine: session.machine }, () => load.perform(task));
  recorder.addShares(proxy, phase, usage.shares);
  return usage;
}
