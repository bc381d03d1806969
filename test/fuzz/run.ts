import { createHash } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { FuzzJob, FuzzMessage } from './job.ts';
import { readSeeds, seedsFile } from './seeds.ts';
import { loadTargets } from './targets.ts';

const NAMES = (await loadTargets()).map(({ name }) => name);

const USAGE = `npm run fuzz -- [--target NAME,…] [--seconds N] [--seed N] [--keep]
  --target NAME,…  ${NAMES.join(', ')} (all of them, one after the other)
  --seconds N      for each (60)
  --seed N         of the random numbers (the time)
  --keep           adds what ran something new to the committed seeds
`;

const TOP = join(import.meta.dirname, '../..');
const MAX_INPUT_BYTES = 1 << 17;

/** So long on one input is a hang. */
const HANG_MS = 10_000;

/** Seeds that are kept have to be small enough to be committed. */
const MAX_KEPT_BYTES = 400;

await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: 'string', default: NAMES.join(',') },
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const names = values.target.split(',');
  if (values.help || !names.every((name) => NAMES.includes(name))) {
    process.stdout.write(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  for (const name of names) {
    const watched = new SharedArrayBuffer(8 + MAX_INPUT_BYTES);
    const message = await fuzzInThread({
      name,
      seconds: Number(values.seconds),
      seed: Number(values.seed),
      watched,
    });
    if (message.kind === 'finding') {
      const digest = createHash('sha256').update(message.input).digest('hex').slice(0, 12);
      const file = join(tmpdir(), `weir-finding-${name}-${digest}.bin`);
      writeFileSync(file, message.input);
      process.stdout.write(`${name}: ${message.problem}\nthe input is in ${file}\n`);
      process.exitCode = 1;
      return;
    }
    process.stdout.write(await reportText(message));
    if (values.keep) await keep(name, message.report.corpus);
  }
}

/** On a thread of its own, so that a parser that never comes back is noticed. */
function fuzzInThread(job: FuzzJob): Promise<FuzzMessage> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: job });
  const counter = new Int32Array(job.watched, 0, 2);
  let before = -1;
  return new Promise((resolve, reject) => {
    const finish = (message: FuzzMessage) => {
      clearInterval(watch);
      void worker.terminate();
      resolve(message);
    };
    const watch = setInterval(() => {
      const begun = Atomics.load(counter, 0);
      if (begun === before && begun > 0) {
        const input = new Uint8Array(job.watched, 8, Atomics.load(counter, 1)).slice();
        finish({ kind: 'finding', input, problem: `it took more than ${HANG_MS} ms` });
      }
      before = begun;
    }, HANG_MS);
    worker.on('message', finish);
    worker.on('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
  });
}

async function reportText({ report, gaps }: Extract<FuzzMessage, { kind: 'done' }>): Promise<string> {
  const rate = Math.round(report.executions / report.seconds);
  const lines = [
    `${report.target}: ${report.executions} executions in ${report.seconds.toFixed(0)} s (${rate}/s), ${report.corpus.length} inputs kept, no finding`,
  ];
  for (const { file, covered, total } of report.coverage) {
    lines.push(`  ${file}: ${((100 * covered) / total).toFixed(1)} % of its text has run`);
    const source = await readFile(join(TOP, file), 'utf8');
    for (const [start, end] of gaps[file] ?? []) {
      const line = source.slice(0, start).split('\n').length;
      lines.push(`    not line ${line}: ${source.slice(start, end).trim().split('\n')[0]}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

async function keep(name: string, corpus: readonly Uint8Array[]): Promise<void> {
  const known = new Set((await readSeeds(name)).map((seed) => Buffer.from(seed).toString('base64')));
  for (const input of corpus) {
    const line = Buffer.from(input).toString('base64');
    if (input.length > MAX_KEPT_BYTES || known.has(line) || line === '') continue;
    known.add(line);
    appendFileSync(seedsFile(name), `${line}\n`);
  }
}
