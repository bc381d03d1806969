import { settledBytes } from '../measure/memory.ts';
import { Recorder, type Scenario } from '../measurement.ts';

const SETTLE_DEADLINE_MS = 10_000;
const MIB = 1024 * 1024;

/** A proxy that is ready and has never had a connection. Its database is not counted. */
export const rest: Scenario = {
  name: 'rest',
  proxies: ['weir', 'weir-node', 'haproxy', 'nginx', 'sniproxy', 'node-pipe'],
  async run(bench) {
    const recorder = new Recorder();
    for (let round = 0; round < bench.options.freshRounds; round += 1) {
      bench.progress(`round ${round + 1} of ${bench.options.freshRounds}`);
      for (const proxy of bench.proxies) {
        const running = await proxy.start(bench.session, bench.load.backends);
        recorder.add(running, { 'at-rest': (await settledBytes(running.pids, SETTLE_DEADLINE_MS)) / MIB });
        await running.stop();
      }
    }
    return recorder;
  },
};
