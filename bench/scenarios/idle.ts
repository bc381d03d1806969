import { settledBytes } from '../measure/memory.ts';
import { type Bench, Recorder, type Scenario } from '../measurement.ts';
import { type Contender, ROUTED_NAMES, type RunningProxy } from '../proxies/proxy.ts';

/** Enough that one connection's code is loaded and compiled before the first reading, few enough to leave no room for the held ones. */
const WARM_UP_CONNECTIONS = 1_000;
const WARM_UP_CONCURRENCY = 32;
const SETTLE_DEADLINE_MS = 6_000;
/** What the proxy and each load process need beside the held connections. */
const SPARE_FILES = 500;

/** Connections that relay and are silent: what a proxy keeps for each. Fresh processes in each round, since memory once used is not given back. */
export const idle: Scenario = {
  name: 'idle',
  proxies: ['weir', 'weir-node', 'haproxy', 'node-pipe'],
  async run(bench) {
    const recorder = new Recorder();
    for (let round = 0; round < bench.options.freshRounds; round += 1) {
      bench.progress(`round ${round + 1} of ${bench.options.freshRounds}`);
      for (const proxy of bench.proxies) {
        recorder.add(proxy, { 'idle-connection': (await bytesPerConnection(bench, proxy)) / 1024 });
      }
    }
    return recorder.series;
  },
};

async function bytesPerConnection(bench: Bench, proxy: Contender): Promise<number> {
  const { session, load, options } = bench;
  const connections = Math.min(
    options.idleConnections,
    Math.floor((session.machine.maxFiles - SPARE_FILES) / 2),
  );
  if (connections < options.idleConnections) {
    bench.progress(
      `only ${connections} idle connections: a process may open ${session.machine.maxFiles} files`,
    );
  }
  const running = await proxy.start(session, load.backends);
  await warmUp(bench, running);
  const before = await settledBytes(running.pids, SETTLE_DEADLINE_MS);
  await load.perform({
    kind: 'hold',
    target: { port: running.tlsPort, name: ROUTED_NAMES.echo },
    connections,
  });
  const after = await settledBytes(running.pids, SETTLE_DEADLINE_MS);
  await load.perform({ kind: 'release' });
  await running.stop();
  return (after - before) / connections;
}

function warmUp(bench: Bench, running: RunningProxy): Promise<unknown> {
  return bench.load.perform({
    kind: 'short',
    target: { port: running.tlsPort, name: ROUTED_NAMES.answer },
    connections: WARM_UP_CONNECTIONS,
    concurrency: WARM_UP_CONCURRENCY,
  });
}
