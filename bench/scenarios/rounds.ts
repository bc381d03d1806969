import type { Bench } from '../measurement.ts';
import type { RunningProxy } from '../proxies/proxy.ts';

/**
 * Starts every proxy, warms each one up, and then measures one after the other, round by round: what disturbs the
 * machine for a while meets all of them. Each round starts with another one, so that none is always first. One that
 * fails is left out from then on, which the report says; the samples that it has stay.
 */
export async function inRounds(
  bench: Bench,
  steps: {
    readonly warmUp: (proxy: RunningProxy) => Promise<unknown>;
    readonly measure: (proxy: RunningProxy) => Promise<void>;
  },
): Promise<void> {
  const running: RunningProxy[] = [];
  for (const proxy of bench.proxies) running.push(await proxy.start(bench.session, bench.load.backends));
  const failed = new Set<RunningProxy>();
  const attempt = async (proxy: RunningProxy, work: () => Promise<unknown>): Promise<void> => {
    if (failed.has(proxy)) return;
    try {
      await work();
    } catch (error) {
      // The session's end makes everything fail, which is no finding.
      if (bench.session.isEnding) throw error;
      failed.add(proxy);
      bench.fail(`${proxy.name} was left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  bench.progress('warming up');
  for (const proxy of running) await attempt(proxy, () => steps.warmUp(proxy));
  for (let round = 0; round < bench.options.rounds; round += 1) {
    bench.progress(`round ${round + 1} of ${bench.options.rounds}`);
    const first = round % running.length;
    for (const proxy of [...running.slice(first), ...running.slice(0, first)])
      await attempt(proxy, () => steps.measure(proxy));
  }
  for (const proxy of running) await proxy.stop();
}
