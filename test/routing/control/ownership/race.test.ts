import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { openDatabase } from '../../../../routing/control/database.ts';
import { rebuildProjections } from '../../../../routing/control/projection/rebuild.ts';
import { startTestPostgres, type TestDatabase } from '../../../support/postgres.ts';
import type { Answer, Command } from './carry-out.ts';
import { readTransactions } from './log.ts';
import { move } from './moves.ts';
import { foldLastEvents, readProjections } from './projections.ts';
import { type Contest, contestsOf, GROUND } from './race-contests.ts';
import { openWriter, type Writer } from './race-writer.ts';
import { enterAll } from './violations.ts';
import { emptyWorld } from './world.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

/** `WEIR_TEST_RACE_SECONDS=30 npx ava test/routing/control/ownership/race.test.ts` for more of it. */
const SECONDS = Number(process.env['WEIR_TEST_RACE_SECONDS'] ?? 3);
const OWN_WRITERS = 4;
/** So many processes, with so many writers each. */
const PROCESSES = 2;
const WRITERS_EACH = 2;

test.serial(
  'of eight writers in three processes who want the same, as many get it as there are, and the others are told so',
  async (t) => {
    t.timeout(SECONDS * 2_000 + 60_000);
    const { database, writers, took } = await openRace(t);
    const answers = new Map<string, number>();
    let rounds = 0;
    for (const command of GROUND)
      t.is((await writers[0]?.make(command))?.kind, 'ok', JSON.stringify(command));

    const until = performance.now() + SECONDS * 1_000;
    for (; performance.now() < until; rounds += 1) {
      for (const contest of contestsOf(rounds)) {
        for (const [name, count] of await hold(t, contest, writers))
          answers.set(name, (answers.get(name) ?? 0) + count);
      }
    }
    t.log(`${rounds} rounds; ${report(took)}; ${textOf(answers)}`);
    await checkEverything(t, database);
  },
);

test.serial(
  'eight writers who do whatever they like for as long break nothing, and none meets an error',
  async (t) => {
    t.timeout(SECONDS * 2_000 + 60_000);
    const { database, writers, took } = await openRace(t);
    const answers = new Map<string, number>();
    for (const command of GROUND)
      t.is((await writers[0]?.make(command))?.kind, 'ok', JSON.stringify(command));

    const until = performance.now() + SECONDS * 1_000;
    await Promise.all(
      writers.map(async (writer, at) => {
        for (const command of endless(at)) {
          if (performance.now() > until) break;
          const answer = await writer.make(command);
          const name = `${command.kind}: ${answer.kind}`;
          answers.set(name, (answers.get(name) ?? 0) + 1);
          if (answer.kind === 'error') t.fail(`${JSON.stringify(command)}: ${JSON.stringify(answer)}`);
        }
      }),
    );
    t.log(`${report(took)}; ${textOf(answers)}`);
    await checkEverything(t, database);
  },
);

/** Two create and delete one name, two take and release its domain, and the others do anything. */
function* endless(at: number): Generator<Command> {
  const org = `o${at % 2}`;
  const hostname = 'a.tug.apps.lan';
  if (at < 2) {
    for (;;) {
      yield { kind: 'create', hostname, listener: 'tls', org };
      yield { kind: 'create', hostname: `*.${hostname}`, listener: 'http', org };
      yield { kind: 'delete', hostname, listener: 'tls' };
      yield { kind: 'delete', hostname: `*.${hostname}`, listener: 'http' };
    }
  }
  if (at < 4) {
    for (;;) {
      yield { kind: 'trust', domain: 'tug.apps.lan', org, isPlatform: at === 2, skipCoolDown: false };
      yield { kind: 'trust', domain: hostname, org, isPlatform: false, skipCoolDown: false };
      yield { kind: 'release', domain: hostname, org };
      yield { kind: 'release', domain: 'tug.apps.lan', org };
    }
  }
  for (let round = 0; ; round += 1) {
    for (const any of fc.sample(move, { numRuns: 200, seed: at * 1_000 + round })) {
      // The cool-down is read without a lock: it would be a matter of luck which of two was first.
      if (any.kind === 'policy') yield { ...any, coolDown: '0' };
      else if (isCommand(any)) yield any;
    }
  }
}

function isCommand(any: { readonly kind: string }): any is Command {
  return !['restart', 'rebuild', 'compact', 'projector'].includes(any.kind);
}

/** Lets them all make their move at once, and looks who won. */
async function hold(
  t: ExecutionContext,
  contest: Contest,
  writers: readonly Writer[],
): Promise<ReadonlyMap<string, number>> {
  const { name, before, moves, winners, refusals } = contest;
  const [first] = writers;
  for (const command of before)
    t.is((await first?.make(command))?.kind, 'ok', `${name}: ${JSON.stringify(command)}`);
  const answers: readonly Answer[] = await Promise.all(
    writers.map((writer, at) => {
      const command = moves[at];
      if (command === undefined) throw new Error(`${name} has no move for the writer ${at}`);
      return writer.make(command);
    }),
  );
  const won = answers.filter(({ kind }) => kind === 'ok').length;
  const wrong = answers.filter(({ kind }) => kind !== 'ok' && !refusals.includes(kind));
  t.deepEqual(wrong, [], name);
  if (winners === null) t.true(won >= 1, `nobody won: ${name}`);
  else t.is(won, winners, `${name}: ${JSON.stringify(answers)}`);
  for (const command of contest.after(answers)) await first?.make(command);
  const counts = new Map<string, number>();
  for (const { kind } of answers) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** At each moment of the log nothing was broken, all of it is projected, and the projections are what it says. */
async function checkEverything(t: ExecutionContext, { adminUrl }: TestDatabase): Promise<void> {
  const admin = openDatabase({ url: adminUrl, name: 'oracle', queryTimeoutMs: 60_000 });
  t.teardown(() => admin.close());
  const world = emptyWorld();
  const problems: string[] = [];
  const transactions = await readTransactions(admin, Number.MIN_SAFE_INTEGER);
  for (const transaction of transactions) problems.push(...enterAll(world, transaction));
  t.deepEqual(problems.slice(0, 10), []);
  t.deepEqual(await admin.query('select from weir.pending_events'), []);
  t.deepEqual(await admin.query('select * from weir.failed_events'), []);
  t.like(await rebuildProjections(admin, { isDryRun: true }), { differing: 0 });
  t.deepEqual(await readProjections(admin), await foldLastEvents(admin));
  const [row] = await admin.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  t.log(`${transactions.length} transactions, ${row?.deadlocks} deadlocks that the server broke`);
}

interface Race {
  readonly database: TestDatabase;
  readonly writers: readonly Writer[];
  /** Milliseconds of each command. */
  readonly took: readonly number[];
}

async function openRace(t: ExecutionContext): Promise<Race> {
  const database = await postgres.createDatabase();
  const own = await Promise.all(Array.from({ length: OWN_WRITERS }, () => openWriter(database.controlUrl)));
  const others = await Promise.all(Array.from({ length: PROCESSES }, () => startWriters(t, database)));
  const took: number[] = [];
  const writers = [...own, ...others.flat()].map((writer) => timed(writer, took));
  t.teardown(() => Promise.all(own.map((writer) => writer.close())));
  return { database, writers, took };
}

function timed(writer: Writer, took: number[]): Writer {
  return {
    ...writer,
    async make(command) {
      const began = performance.now();
      const answer = await writer.make(command);
      took.push(performance.now() - began);
      return answer;
    },
  };
}

/** Writers of another process, as if they were here. */
async function startWriters(t: ExecutionContext, { controlUrl }: TestDatabase): Promise<readonly Writer[]> {
  const child = fork(join(import.meta.dirname, 'race-process.ts'), [controlUrl, String(WRITERS_EACH)], {
    execArgv: [],
  });
  t.teardown(() => end(child));
  await once(child, 'message');
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  child.on('message', ({ id, answer }: { id: number; answer: Answer }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  return Array.from({ length: WRITERS_EACH }, (_, writer) => ({
    make: (command: Command) =>
      new Promise<Answer>((resolve) => {
        lastId += 1;
        waiting.set(lastId, resolve);
        child.send({ id: lastId, writer, move: command });
      }),
    close: async () => {},
  }));
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

function report(took: readonly number[]): string {
  const sorted = took.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(0);
  return `${took.length} commands, ${at(0.5)} ms in the middle, ${at(0.99)} ms for 99 of 100, ${at(1)} ms at the longest`;
}

function textOf(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([name, count]) => `${name} ${count}`)
    .sort()
    .join(', ');
}
