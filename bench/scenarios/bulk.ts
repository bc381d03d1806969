import type { BulkTask } from '../load/task.ts';
import { usageOf } from '../measure/usage.ts';
import { type Bench, type Metric, Recorder, type Scenario } from '../measurement.ts';
import { ROUTED_NAMES, type RunningProxy } from '../proxies/proxy.ts';
import { inRounds } from './rounds.ts';

const GB = 1e9;
const PARALLEL = 4;
const WARM_UP_BYTES = 0.1 * GB;

/** Long transfers: what a proxy costs per byte. */
export const bulk: Scenario = {
  name: 'bulk',
  proxies: ['weir', 'weir-node', 'haproxy', 'node-pipe'],
  async run(bench) {
    const recorder = new Recorder();
    const bytes = (bench.options.gigabytes * GB) / bench.options.rounds;
    await inRounds(bench, {
      warmUp: (proxy) => transfer(bench, proxy, { kind: 'download', bytes: WARM_UP_BYTES, parallel: 1 }),
      measure: async (proxy) => {
        const download = await transfer(bench, proxy, { kind: 'download', bytes, parallel: 1 });
        const upload = await transfer(bench, proxy, { kind: 'upload', bytes, parallel: 1 });
        const parallel = await transfer(bench, proxy, { kind: 'download', bytes, parallel: PARALLEL });
        recorder.add(proxy, {
          'cpu-per-gb-download': download.cpuPerGb,
          'cpu-per-gb-upload': upload.cpuPerGb,
          'cpu-per-gb-parallel': parallel.cpuPerGb,
          'throughput-download': download.gbPerSecond,
        } satisfies Partial<Record<Metric, number>>);
      },
    });
    return recorder.series;
  },
};

async function transfer(bench: Bench, proxy: RunningProxy, order: Omit<BulkTask, 'target'>) {
  const service = order.kind === 'download' ? 'source' : 'sink';
  const target = { port: proxy.tlsPort, name: ROUTED_NAMES[service] };
  const { result, cpuSeconds } = await usageOf(proxy.pids, () => bench.load.perform({ ...order, target }));
  return { cpuPerGb: cpuSeconds / (order.bytes / GB), gbPerSecond: order.bytes / GB / result.seconds };
}
