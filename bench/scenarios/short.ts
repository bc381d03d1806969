import type { ShortTask } from '../load/task.ts';
import { usageOf } from '../measure/usage.ts';
import { type Bench, Recorder, type Scenario } from '../measurement.ts';
import { ROUTED_NAMES, type RunningProxy } from '../proxies/proxy.ts';
import { inRounds } from './rounds.ts';

const CONCURRENCY = 48;
/** As many as it takes until V8 has compiled a connection's whole path. */
const WARM_UP_SHARE = 0.7;

/** New connections that carry a hello and a small answer: what a proxy costs per connection. */
export const short: Scenario = {
  name: 'short',
  proxies: ['weir', 'weir-node', 'haproxy', 'haproxy-log', 'node-pipe'],
  async run(bench) {
    const recorder = new Recorder();
    const connections = Math.ceil(bench.options.connections / bench.options.rounds);
    await inRounds(bench, {
      warmUp: (proxy) => bench.load.perform(task(proxy, Math.ceil(connections * WARM_UP_SHARE))),
      measure: async (proxy) => recorder.add(proxy, await measure(bench, proxy, connections)),
    });
    return recorder.series;
  },
};

async function measure(bench: Bench, proxy: RunningProxy, connections: number) {
  const { result, cpuSeconds } = await usageOf(proxy.pids, () =>
    bench.load.perform(task(proxy, connections)),
  );
  return {
    'cpu-per-connection': (cpuSeconds / connections) * 1e6,
    'connections-per-second': connections / result.seconds,
    'latency-p50': result.latencyMs?.p50 ?? Number.NaN,
    'latency-p99': result.latencyMs?.p99 ?? Number.NaN,
    'utilisation-short': (cpuSeconds / result.seconds) * 100,
  };
}

function task(proxy: RunningProxy, connections: number): ShortTask {
  const target = { port: proxy.tlsPort, name: ROUTED_NAMES.answer };
  return { kind: 'short', target, connections, concurrency: CONCURRENCY };
}
