import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Engine } from '../edge/engine/contract.ts';
import { endOnSignal } from './end-on-signal.ts';
import { startSharingEdge } from './listening/edge.ts';
import { type Sample, sampleOf } from './listening/sample.ts';
import { buildSharing, SHARINGS, type Sharing } from './listening/sharing.ts';
import { renderSamples, type SharingSamples } from './listening/tables.ts';
import { startLoad } from './load/load-processes.ts';
import { describeMachine } from './measure/machine.ts';
import { Session } from './session.ts';

const USAGE = `node bench/listening.ts [--sharing NAME,…] [--workers N,…] [--rounds N] [--engine NAME]
  --sharing NAME,…  ${SHARINGS.join(', ')}; all when not given
  --workers N,…     workers of the edge, from 2 to 8 (2,4)
  --rounds N        each on a fresh edge, in turns (3)
  --engine NAME     splice or node (splice)
  --one-core        for all workers, and another for the load
  --samples FILE    keeps them there, and goes on with those that it has: a long run in pieces
`;

interface Plan {
  readonly sharings: readonly Sharing[];
  readonly workers: readonly number[];
  readonly rounds: number;
  readonly engine: Engine['name'];
  readonly isOnOneCore: boolean;
  /** Null where they are only printed. */
  readonly samplesFile: string | null;
}

await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<void> {
  const plan = parsePlan(args);
  if (plan === null) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const machine = describeMachine();
  // As a rule workers and load have all cores: on one, no two workers look for the same connection at once.
  await using session = new Session(plan.isOnOneCore ? machine : { ...machine, pinning: null });
  using _signals = endOnSignal(session);
  const library = buildSharing(session);
  const load = await startLoad(session);
  const all = readSamples(plan.samplesFile);
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const workers of plan.workers) {
      for (const sharing of plan.sharings) {
        process.stderr.write(`round ${round}: ${sharing}, ${workers} workers\n`);
        const edge = await startSharingEdge(session, load, {
          engine: plan.engine,
          sharing,
          workers,
          library,
        });
        samplesOf(all, sharing, workers).push(await sampleOf(edge, load));
        await edge.stop();
        if (plan.samplesFile !== null) writeFileSync(plan.samplesFile, JSON.stringify(all));
      }
    }
  }
  process.stdout.write(`${renderSamples(all)}\n`);
}

/** A file that this program has written. */
function readSamples(file: string | null): SharingSamples[] {
  return file !== null && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

function samplesOf(all: SharingSamples[], sharing: Sharing, workers: number): Sample[] {
  const known = all.find((one) => one.sharing === sharing && one.workers === workers);
  if (known !== undefined) return known.samples;
  const samples: Sample[] = [];
  all.push({ sharing, workers, samples });
  return samples;
}

/** Null where they are none that can be run. */
function parsePlan(args: readonly string[]): Plan | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sharing: { type: 'string', default: SHARINGS.join(',') },
      workers: { type: 'string', default: '2,4' },
      rounds: { type: 'string', default: '3' },
      engine: { type: 'string', default: 'splice' },
      'one-core': { type: 'boolean', default: false },
      samples: { type: 'string' },
    },
  });
  const sharings = values.sharing.split(',').filter(isSharing);
  const workers = values.workers.split(',').map(Number);
  const rounds = Number(values.rounds);
  const engine = values.engine;
  const isValid =
    sharings.length === values.sharing.split(',').length &&
    workers.every((count) => Number.isInteger(count) && count >= 2 && count <= 8) &&
    Number.isInteger(rounds) &&
    rounds >= 1;
  if (!isValid || (engine !== 'splice' && engine !== 'node')) return null;
  return {
    sharings,
    workers,
    rounds,
    engine,
    isOnOneCore: values['one-core'],
    samplesFile: values.samples ?? null,
  };
}

function isSharing(name: string): name is Sharing {
  return SHARINGS.some((known) => known === name);
}
