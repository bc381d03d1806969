import { maxFilesOf } from '../measure/machine.ts';
import { settledBytes } from '../measure/memory.ts';
import { type Bench, Recorder, type Scenario } from '../measurement.ts';
import type { Contender, RunningProxy, Service } from '../proxies/proxy.ts';

/** Enough that one connection's code is loaded and compiled before the first reading, few enough to leave no room for the held ones. */
const WARM_UP_CONNECTIONS = 1_000;
const WARM_UP_LANES = 32;
const SETTLE_DEADLINE_MS = 6_000;
/** What the proxy and each load process need beside the held connections. */
const SPARE_FILES = 500;
/** A proxy dials each of these from one address, with some 28,000 ports. */
const ECHOES: readonly Service[] = ['echo', 'echo2', 'echo3', 'echo4'];

/** Connections that relay and are silent: what a proxy keeps for each. Fresh processes in each round, since memory once used is not given back. */
export const idle: Scenario = {
  name: 'idle',
  proxies: ['weir', 'weir-node', 'haproxy', 'nginx', 'sniproxy', 'node-pipe'],
  async run(bench) {
    const recorder = new Recorder();
    for (let round = 0; round < bench.options.freshRounds; round += 1) {
      bench.progress(`round ${round + 1} of ${bench.options.freshRounds}`);
      for (const proxy of bench.proxies) {
        recorder.add(proxy, { 'idle-connection': (await bytesPerConnection(bench, proxy)) / 1024 });
      }
    }
    return recorder;
  },
};

async function bytesPerConnection(bench: Bench, proxy: Contender): Promise<number> {
  const { session, load } = bench;
  const running = await proxy.start(session, load.backends);
  const connections = possibleConnections(bench, running);
  await warmUp(bench, running);
  const before = await settledBytes(running.pids, SETTLE_DEADLINE_MS);
  await load.perform({
    kind: 'hold',
    targets: ECHOES.map((service) => running.target(service)),
    connections,
  });
  const after = await settledBytes(running.pids, SETTLE_DEADLINE_MS);
  await load.perform({ kind: 'release' });
  await running.stop();
  return (after - before) / connections;
}

/** Two descriptors for each in the proxy, which may have set itself another limit, and one in the generator and in the backend. */
function possibleConnections({ session, options, note }: Bench, { name, pids }: RunningProxy): number {
  const maxFiles = Math.min(session.machine.maxFiles, ...pids.map(maxFilesOf));
  const connections = Math.min(options.idleConnections, Math.floor((maxFiles - SPARE_FILES) / 2));
  if (connections < options.idleConnections)
    note(
      `idle: ${connections} connections through ${name}, not ${options.idleConnections}: it may open ${maxFiles} files`,
    );
  return connections;
}

function warmUp(bench: Bench, running: RunningProxy): Promise<unknown> {
  return bench.load.perform({
    kind: 'short',
    target: running.target('answer'),
    connections: WARM_UP_CONNECTIONS,
    pace: { kind: 'lanes', count: WARM_UP_LANES },
  });
}
