import type { HandshakesTask, Pace } from '../load/task.ts';
import { type Bench, Recorder, type Scenario } from '../measurement.ts';
import type { RunningProxy } from '../proxies/proxy.ts';
import { inRounds } from './rounds.ts';
import { performWatched } from './watched.ts';

/** Few: a handshake's arithmetic is the generator's and the backend's, and more at once would but wait for it. */
const AS_MANY_AS_GO: Pace = { kind: 'lanes', count: 2 };
/** Under half of what generator and backend can do on one core, so that a wait is the proxy's. */
const STEADY: Pace = { kind: 'rate', perSecond: 200 };
const STEADY_SHARE = 0.4;
const WARM_UP_SHARE = 0.5;

/** Full TLS handshakes with a backend that is a TLS server: a proxy carries them, and takes no part. */
export const handshakes: Scenario = {
  name: 'handshakes',
  proxies: ['weir', 'weir-node', 'haproxy', 'nginx', 'sniproxy', 'node-pipe', 'direct'],
  async run(bench) {
    const recorder = new Recorder();
    const count = Math.ceil(bench.options.handshakes / bench.options.rounds);
    await inRounds(bench, {
      warmUp: (proxy) => bench.load.perform(task(proxy, Math.ceil(count * WARM_UP_SHARE), AS_MANY_AS_GO)),
      measure: (proxy) => measure({ bench, recorder, proxy }, count),
    });
    return recorder;
  },
};

async function measure(
  round: { bench: Bench; recorder: Recorder; proxy: RunningProxy },
  count: number,
): Promise<void> {
  const { recorder, proxy } = round;
  const fast = await performWatched(round, 'handshakes', task(proxy, count, AS_MANY_AS_GO));
  const steadyCount = Math.ceil(count * STEADY_SHARE);
  const steady = await performWatched(round, 'steady-handshakes', task(proxy, steadyCount, STEADY));
  recorder.add(proxy, {
    'cpu-per-handshake': (fast.cpuSeconds / count) * 1e6,
    'handshakes-per-second': count / fast.result.seconds,
    'handshake-p99': steady.result.latencyMs?.p99 ?? Number.NaN,
  });
}

function task(proxy: RunningProxy, count: number, pace: Pace): HandshakesTask {
  return { kind: 'handshakes', target: proxy.target('tls'), handshakes: count, pace };
}
