import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../routing/control/embedded-postgres.ts';
import { appendAtRate, type EventLoad, openWriters } from './load/append-events.ts';
import { ProjectionWatch } from './load/projection-watch.ts';
import { cpuSeconds } from './measure/cpu.ts';
import { processTree } from './measure/process-tree.ts';
import { percentile } from './measure/statistics.ts';

const USAGE = `node bench/projector-throughput.ts [--rate N] [--seconds N] [--writers N] [--batch N,…]
  --rate N       events offered per second, by all writers together (2000)
  --seconds N    for how long, in each row (20)
  --writers N    connections that append (8)
  --batch N,…    events in one transaction, a row for each (1,10)
`;

const COMMAND = fileURLToPath(new URL('../edge/cli/weir.js', import.meta.url));
const HEADING = `| events in a transaction | offered /s | appended /s | lag, median | p99 | worst | CPU: PostgreSQL | projector | load |
|---|---|---|---|---|---|---|---|---|`;

const LAST_EVENT_MS = 30_000;
const GOODBYE_MS = 2_000;

/** CPU seconds. */
interface Cpu {
  readonly postgres: number;
  readonly projector: number;
  readonly load: number;
}

interface Row {
  readonly load: EventLoad;
  readonly events: number;
  readonly seconds: number;
  readonly lags: readonly number[];
  readonly cpu: Cpu;
}

await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rate: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '20' },
      writers: { type: 'string', default: '8' },
      batch: { type: 'string', default: '1,10' },
    },
  });
  const base = {
    rate: Number(values.rate),
    seconds: Number(values.seconds),
    writers: Number(values.writers),
  };
  const batches = values.batch.split(',').map(Number);
  if (![...Object.values(base), ...batches].every((value) => Number.isInteger(value) && value > 0)) {
    process.stderr.write(`every option takes whole numbers from 1\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const rows: Row[] = [];
  for (const batch of batches) rows.push(await measure({ ...base, batch }));
  process.stdout.write(report(rows));
}

/** On a database of its own, durable, and with a projector of its own. */
async function measure(load: EventLoad): Promise<Row> {
  const stateDir = mkdtempSync(join(tmpdir(), 'weir-bench-projector-'));
  chmodSync(stateDir, 0o755); // PostgreSQL's account has to reach it
  const postgres = await startEmbeddedPostgres({ stateDir, log: { info() {}, warn() {}, error() {} } });
  const projector = spawn(process.execPath, [COMMAND, 'projector', '--database-url', postgres.controlUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const writers = await openWriters(postgres.controlUrl, load.writers);
  const watch = await ProjectionWatch.open(postgres.controlUrl);
  try {
    await once(createInterface(projector.stdout), 'line'); // it says that it is up
    const before = cpuOf(postgres.pid, projector.pid);
    const begun = performance.now();
    const commits = await appendAtRate(writers, load);
    const seconds = (performance.now() - begun) / 1000;
    const lags = await watch.lags(commits, { timeoutMs: LAST_EVENT_MS });
    const after = cpuOf(postgres.pid, projector.pid);
    const cpu = {
      postgres: after.postgres - before.postgres,
      projector: after.projector - before.projector,
      load: after.load - before.load,
    };
    return { load, events: commits.length, seconds, lags, cpu };
  } finally {
    await Promise.allSettled([watch.close(), ...writers.map((writer) => writer.close())]);
    projector.kill('SIGTERM');
    await Promise.race([once(projector, 'exit'), delay(GOODBYE_MS)]);
    await postgres.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

function cpuOf(postgresPid: number, projectorPid: number | undefined): Cpu {
  const { user, system } = process.cpuUsage();
  return {
    postgres: cpuSeconds(processTree(postgresPid).map(({ pid }) => pid)),
    projector: projectorPid === undefined ? 0 : cpuSeconds([projectorPid]),
    load: (user + system) / 1e6,
  };
}

function report(rows: readonly Row[]): string {
  const lines = rows.map(({ load, events, seconds, lags, cpu }) => {
    const cells = [
      `${load.batch}`,
      `${load.rate}`,
      `${Math.round(events / seconds)}`,
      `${percentile(lags, 0.5).toFixed(1)} ms`,
      `${percentile(lags, 0.99).toFixed(1)} ms`,
      `${percentile(lags, 1).toFixed(0)} ms`,
      ...[cpu.postgres, cpu.projector, cpu.load].map((used) => `${((100 * used) / seconds).toFixed(0)} %`),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `${HEADING}\n${lines.join('\n')}\n`;
}
