import type { KeepAliveTask } from '../load/task.ts';
import { type Bench, Recorder, type Scenario } from '../measurement.ts';
import type { RunningProxy } from '../proxies/proxy.ts';
import { inRounds } from './rounds.ts';
import { performWatched } from './watched.ts';

const CONNECTIONS = 8;
const WARM_UP_SHARE = 0.5;

/** HTTPS requests one after the other on connections that stay, by autocannon: what a proxy adds to a request. */
export const keepAlive: Scenario = {
  name: 'keep-alive',
  proxies: ['weir', 'weir-node', 'haproxy', 'nginx', 'sniproxy', 'node-pipe', 'direct'],
  async run(bench) {
    const recorder = new Recorder();
    const count = Math.max(CONNECTIONS, Math.ceil(bench.options.requests / bench.options.rounds));
    await inRounds(bench, {
      warmUp: (proxy) =>
        bench.load.perform(task(proxy, Math.max(CONNECTIONS, Math.ceil(count * WARM_UP_SHARE)))),
      measure: (proxy) => measure({ bench, recorder, proxy }, count),
    });
    return recorder;
  },
};

async function measure(
  round: { bench: Bench; recorder: Recorder; proxy: RunningProxy },
  count: number,
): Promise<void> {
  const { result, cpuSeconds } = await performWatched(round, 'keep-alive', task(round.proxy, count));
  round.recorder.add(round.proxy, {
    'cpu-per-request': (cpuSeconds / count) * 1e6,
    'requests-per-second': count / result.seconds,
    'request-p99': result.latencyMs?.p99 ?? Number.NaN,
  });
}

function task(proxy: RunningProxy, requests: number): KeepAliveTask {
  return { kind: 'keep-alive', target: proxy.target('https'), requests, connections: CONNECTIONS };
}
