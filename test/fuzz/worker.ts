import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage.ts';
import { Finding, fuzz } from './fuzzer.ts';
import type { FuzzJob, FuzzMessage } from './job.ts';

const { name, seconds, seed, watched }: FuzzJob = workerData;

// Before the parsers load: what loaded earlier is not counted by its blocks.
const coverage = new Coverage();
const { loadTargets } = await import('./targets.ts');
const target = (await loadTargets()).find((each) => each.name === name);
if (target === undefined) throw new Error(`there is no target ${name}`);
coverage.reset(target.files);

const counter = new Int32Array(watched, 0, 2);
const current = new Uint8Array(watched, 8);

try {
  const report = fuzz(target, {
    seconds,
    seed,
    coverage,
    before: (input) => {
      current.set(input.subarray(0, current.length));
      counter[1] = input.length;
      counter[0] = (counter[0] ?? 0) + 1;
    },
  });
  const gaps = Object.fromEntries(target.files.map((file) => [file, coverage.gaps(file)]));
  post({ kind: 'done', report, gaps });
} catch (error) {
  if (!(error instanceof Finding)) throw error;
  const cause =
    error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause);
  post({ kind: 'finding', input: error.input, problem: cause });
}

function post(message: FuzzMessage): void {
  parentPort?.postMessage(message);
}
