import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Load, startLoad } from './load/load-processes.ts';
import type { SlowLorisCount, SlowLorisOrder } from './load/slow-loris-process.ts';
import type { Target } from './load/task.ts';
import { cpuSeconds } from './measure/cpu.ts';
import { describeMachine } from './measure/machine.ts';
import { settledBytes } from './measure/memory.ts';
import { weir } from './proxies/weir.ts';
import { Session } from './session.ts';

const USAGE = `node bench/slow-loris.ts [--connections N] [--seconds N]
  --connections N  that begin a hello and never end it (10000)
  --seconds N      for how long, in each row (20)
`;

const SETTLE_MS = 6_000;
const GOOD_CONNECTIONS = 3_000;
const FULL_TIMEOUT_S = 60;

interface Phase {
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly bytes: number;
}

interface Row {
  readonly attack: string;
  readonly before: Phase;
  readonly during: Phase;
  readonly after: Phase;
  /** The largest number of the attacker's connections that were open in a second of the attack. */
  readonly open: number;
  readonly openedPerSecond: number;
  readonly cpuShare: number;
}

await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      connections: { type: 'string', default: '10000' },
      seconds: { type: 'string', default: '20' },
    },
  });
  const [connections, seconds] = [Number(values.connections), Number(values.seconds)];
  if (![connections, seconds].every((value) => Number.isInteger(value) && value > 0)) {
    process.stderr.write(`both options take whole numbers from 1\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const rows: Row[] = [];
  for (const sources of [connections, 1]) rows.push(await measure({ connections, sources, seconds }));
  process.stdout.write(report(rows));
}

interface Attack {
  readonly connections: number;
  readonly sources: number;
  readonly seconds: number;
}

/** On an edge of its own, at its default limits, with one worker. */
async function measure({ connections, sources, seconds }: Attack): Promise<Row> {
  await using session = new Session(describeMachine());
  const load = await startLoad(session);
  const edge = await weir.start(session, load.backends);
  const good = () => goodClients(load, edge.target('answer'));
  await good();
  const before = { latencyMs: await good(), bytes: await settledBytes(edge.pids, SETTLE_MS) };

  const attacker = session.start({
    command: process.execPath,
    args: [fileURLToPath(new URL('./load/slow-loris-process.ts', import.meta.url))],
    side: 'load',
    hasChannel: true,
  });
  const counts: SlowLorisCount[] = [];
  attacker.on('message', (count: SlowLorisCount) => counts.push(count));
  attacker.send({ port: edge.target('answer').port, connections, sources } satisfies SlowLorisOrder);
  await isFull(attacker, counts);

  const [began, cpuBefore, openedBefore] = [
    performance.now(),
    cpuSeconds(edge.pids),
    counts.at(-1)?.opened ?? 0,
  ];
  const latencies = [];
  while (performance.now() - began < seconds * 1000) latencies.push(await good());
  const elapsed = (performance.now() - began) / 1000;
  const last = counts.at(-1) ?? { open: 0, opened: 0 };
  const during = {
    latencyMs: {
      p50: Math.max(...latencies.map(({ p50 }) => p50)),
      p99: Math.max(...latencies.map(({ p99 }) => p99)),
    },
    bytes: await settledBytes(edge.pids, SETTLE_MS),
  };
  const cpuShare = (cpuSeconds(edge.pids) - cpuBefore) / ((performance.now() - began) / 1000);
  const open = Math.max(...counts.map((count) => count.open));

  await session.stop(attacker);
  const after = { latencyMs: await good(), bytes: await settledBytes(edge.pids, SETTLE_MS) };
  const attack = `${connections} connections of ${sources === 1 ? 'one address' : `${sources} addresses`}`;
  return {
    attack,
    before,
    during,
    after,
    open,
    openedPerSecond: (last.opened - openedBefore) / elapsed,
    cpuShare,
  };
}

/** One after the other, so that what is measured is the wait and not the rate. */
async function goodClients(load: Load, target: Target): Promise<Phase['latencyMs']> {
  const { latencyMs } = await load.perform({
    kind: 'short',
    target,
    connections: GOOD_CONNECTIONS,
    pace: { kind: 'lanes', count: 1 },
  });
  if (latencyMs === null) throw new Error('short connections have a latency');
  return latencyMs;
}

/** Resolves once the attack has as many connections as it gets: two counts in a row that are no higher than the highest before. */
async function isFull(attacker: ChildProcess, counts: readonly SlowLorisCount[]): Promise<void> {
  const signal = AbortSignal.timeout(FULL_TIMEOUT_S * 1000);
  const highest = (of: readonly SlowLorisCount[]) => Math.max(0, ...of.map(({ open }) => open));
  do await once(attacker, 'message', { signal });
  while (counts.length < 3 || highest(counts.slice(-2)) > highest(counts.slice(0, -2)));
}

function report(rows: readonly Row[]): string {
  const heading = [
    '| attack | open at most | opened /s | CPU of a core | good clients, p50: before | during | after | p99: before | during | after | PSS: before | during | after |',
    `|${'---|'.repeat(13)}`,
  ];
  const lines = rows.map(({ attack, before, during, after, open, openedPerSecond, cpuShare }) => {
    const phases = [before, during, after];
    const cells = [
      attack,
      `${open}`,
      `${Math.round(openedPerSecond)}`,
      `${(100 * cpuShare).toFixed(0)} %`,
      ...phases.map(({ latencyMs }) => `${latencyMs.p50.toFixed(2)} ms`),
      ...phases.map(({ latencyMs }) => `${latencyMs.p99.toFixed(2)} ms`),
      ...phases.map(({ bytes }) => `${(bytes / 1024 ** 2).toFixed(0)} MiB`),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `${[...heading, ...lines].join('\n')}\n`;
}
