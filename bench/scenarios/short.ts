import type { Pace, ShortTask } from '../load/task.ts';
import { type Bench, Recorder, type Scenario } from '../measurement.ts';
import type { RunningProxy } from '../proxies/proxy.ts';
import { inRounds } from './rounds.ts';
import { performWatched } from './watched.ts';

const AS_MANY_AS_GO: Pace = { kind: 'lanes', count: 48 };
/** About a third of what generator and backend can do on one core, so that a wait is the proxy's. */
const STEADY: Pace = { kind: 'rate', perSecond: 3_000 };
const STEADY_SHARE = 0.3;
/** As many as it takes until V8 has compiled a connection's whole path. */
const WARM_UP_SHARE = 0.7;

/** New connections that carry a hello and a small answer: what a proxy costs per connection. */
export const short: Scenario = {
  name: 'short',
  proxies: ['weir', 'weir-node', 'haproxy', 'haproxy-log', 'nginx', 'sniproxy', 'node-pipe', 'direct'],
  async run(bench) {
    const recorder = new Recorder();
    const connections = Math.ceil(bench.options.connections / bench.options.rounds);
    await inRounds(bench, {
      warmUp: (proxy) =>
        bench.load.perform(task(proxy, Math.ceil(connections * WARM_UP_SHARE), AS_MANY_AS_GO)),
      measure: (proxy) => measure({ bench, recorder, proxy }, connections),
    });
    return recorder;
  },
};

async function measure(
  round: { bench: Bench; recorder: Recorder; proxy: RunningProxy },
  connections: number,
): Promise<void> {
  const { recorder, proxy } = round;
  const fast = await performWatched(round, 'short', task(proxy, connections, AS_MANY_AS_GO));
  const steadyCount = Math.ceil(connections * STEADY_SHARE);
  const steady = await performWatched(round, 'paced', task(proxy, steadyCount, STEADY));
  recorder.add(proxy, {
    'cpu-per-connection': (fast.cpuSeconds / connections) * 1e6,
    'connections-per-second': connections / fast.result.seconds,
    'cpu-per-paced-connection': (steady.cpuSeconds / steadyCount) * 1e6,
    'latency-p50': steady.result.latencyMs?.p50 ?? Number.NaN,
    'latency-p99': steady.result.latencyMs?.p99 ?? Number.NaN,
  });
}

function task(proxy: RunningProxy, connections: number, pace: Pace): ShortTask {
  return { kind: 'short', target: proxy.target('answer'), connections, pace };
}
