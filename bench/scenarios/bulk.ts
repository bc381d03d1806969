import type { BulkTask } from '../load/task.ts';
import { type Bench, type Metric, Recorder, type Scenario } from '../measurement.ts';
import type { RunningProxy } from '../proxies/proxy.ts';
import { inRounds } from './rounds.ts';
import { performWatched } from './watched.ts';

const GB = 1e9;
const PARALLEL = 4;
const WARM_UP_BYTES = 0.1 * GB;
const SERVICES = { download: 'source', upload: 'sink', both: 'duplex' } as const;

type Kind = BulkTask['kind'];

/** Long transfers: what a proxy costs per byte. */
export const bulk: Scenario = {
  name: 'bulk',
  proxies: ['weir', 'weir-node', 'haproxy', 'nginx', 'sniproxy', 'node-pipe'],
  async run(bench) {
    const recorder = new Recorder();
    const bytes = (bench.options.gigabytes * GB) / bench.options.rounds;
    await inRounds(bench, {
      warmUp: (proxy) =>
        bench.load.perform(task(proxy, { kind: 'download', bytes: WARM_UP_BYTES, parallel: 1 })),
      measure: (proxy) => measure({ bench, recorder, proxy }, bytes),
    });
    return recorder;
  },
};

async function measure(
  round: { bench: Bench; recorder: Recorder; proxy: RunningProxy },
  bytes: number,
): Promise<void> {
  const { recorder, proxy } = round;
  const transfer = async (phase: Kind | 'parallel', order: Omit<BulkTask, 'target'>) => {
    const { result, cpuSeconds } = await performWatched(round, phase, task(proxy, order));
    return { cpuPerGb: cpuSeconds / (bytes / GB), gbPerSecond: bytes / GB / result.seconds };
  };
  const download = await transfer('download', { kind: 'download', bytes, parallel: 1 });
  const upload = await transfer('upload', { kind: 'upload', bytes, parallel: 1 });
  // Half of them in each direction: the cost is of a gigabyte that was moved, whichever way.
  const both = await transfer('both', { kind: 'both', bytes: bytes / 2, parallel: 1 });
  const parallel = await transfer('parallel', { kind: 'download', bytes, parallel: PARALLEL });
  recorder.add(proxy, {
    'cpu-per-gb-download': download.cpuPerGb,
    'cpu-per-gb-upload': upload.cpuPerGb,
    'cpu-per-gb-both': both.cpuPerGb,
    'cpu-per-gb-parallel': parallel.cpuPerGb,
    'throughput-download': download.gbPerSecond,
    'throughput-upload': upload.gbPerSecond,
  } satisfies Partial<Record<Metric, number>>);
}

function task(proxy: RunningProxy, order: Omit<BulkTask, 'target'>): BulkTask {
  return { ...order, target: proxy.target(SERVICES[order.kind]) };
}
