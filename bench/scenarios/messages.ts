import { type Bench, Recorder, type Scenario } from '../measurement.ts';
import type { RunningProxy } from '../proxies/proxy.ts';
import { inRounds } from './rounds.ts';
import { performWatched } from './watched.ts';

const CONNECTIONS = 1_000;
/** Low enough for generator and backend to have their core to themselves most of the time. */
const PER_SECOND = 4_000;
const WARM_UP_MESSAGES = 4_000;

/** Many connections that say a little now and then: how long a message waits in the proxy, and what it costs. */
export const messages: Scenario = {
  name: 'messages',
  proxies: ['weir', 'weir-node', 'haproxy', 'nginx', 'sniproxy', 'node-pipe', 'direct'],
  async run(bench) {
    const recorder = new Recorder();
    const count = Math.ceil(bench.options.messages / bench.options.rounds);
    await inRounds(bench, {
      warmUp: (proxy) =>
        holding(bench, proxy, () =>
          bench.load.perform({ kind: 'messages', messages: WARM_UP_MESSAGES, perSecond: PER_SECOND }),
        ),
      measure: (proxy) => holding(bench, proxy, () => measure({ bench, recorder, proxy }, count)),
    });
    return recorder;
  },
};

async function holding(bench: Bench, proxy: RunningProxy, work: () => Promise<unknown>): Promise<void> {
  try {
    await bench.load.perform({ kind: 'hold', targets: [proxy.target('echo')], connections: CONNECTIONS });
    await work();
  } finally {
    // Also after a failure: what is held would be taken for the next one's.
    await bench.load.perform({ kind: 'release' });
  }
}

async function measure(
  round: { bench: Bench; recorder: Recorder; proxy: RunningProxy },
  count: number,
): Promise<void> {
  const task = { kind: 'messages', messages: count, perSecond: PER_SECOND } as const;
  const { result, cpuSeconds } = await performWatched(round, 'messages', task);
  round.recorder.add(round.proxy, {
    'message-p50': result.latencyMs?.p50 ?? Number.NaN,
    'message-p99': result.latencyMs?.p99 ?? Number.NaN,
    'cpu-per-message': (cpuSeconds / count) * 1e6,
  });
}
