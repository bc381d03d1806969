import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import type { Control } from '../../../../routing/control/control.ts';
import { type Database, openDatabase } from '../../../../routing/control/database.ts';
import { openControl } from '../../../../routing/control/open-control.ts';
import type { TxtLookup } from '../../../../routing/control/ownership/txt-lookup.ts';
import { compactTombstones } from '../../../../routing/control/projection/compact.ts';
import { rebuildProjections } from '../../../../routing/control/projection/rebuild.ts';
import { runProjector } from '../../../../routing/control/projector.ts';
import { query, silentLog, startTestPostgres, type TestDatabase } from '../../../support/postgres.ts';
import { type Answer, type Command, carryOut } from './carry-out.ts';
import { isJustified, lowestFreePort } from './justified.ts';
import { readTransactions } from './log.ts';
import { moveOf, SET_UP, type Turn, turn } from './moves.ts';
import { foldLastEvents, readProjections } from './projections.ts';
import { enterAll } from './violations.ts';
import { emptyWorld, type World } from './world.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

/** `WEIR_TEST_RUNS=1000 npx ava test/routing/control/ownership/invariants.test.ts` for more of it. */
const RUNS = Number(process.env['WEIR_TEST_RUNS'] ?? 25);
/** What a run says is what repeats it. */
const SEED = Number(process.env['WEIR_TEST_SEED'] ?? Date.now() % 2 ** 31);
const MOVES = 80;
/** The projections are looked at after so many moves. */
const ROUND = 15;

const turns = fc
  .tuple(fc.subarray([...SET_UP]), fc.array(turn, { minLength: 1, maxLength: MOVES, size: 'max' }))
  .map(([setUp, taken]) => [
    ...setUp.map((move): Turn => ({ move, pick: null, isRepeated: false })),
    ...taken,
  ]);

test('whatever orgs do, each name, port and address has one owner, and the projections are what the log says', async (t) => {
  t.timeout(RUNS * 10_000);
  const counts = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(turns, async (sequence) => {
      const database = await postgres.createDatabase();
      const game = await openGame(database, counts);
      try {
        await play(game, sequence);
      } finally {
        await closeGame(game);
        await drop(database);
      }
    }),
    { numRuns: RUNS, seed: SEED, includeErrorInReport: true },
  );
  const answers = [...counts].map(([answer, count]) => `${answer} ${count}`).sort();
  t.log(`seed ${SEED}, ${RUNS} runs; ${answers.join(', ')}`);
  t.pass();
});

/** A database, and who acts on it. */
interface Game {
  readonly database: TestDatabase;
  readonly admin: Database;
  readonly world: World;
  readonly counts: Map<string, number>;
  /** The TXT records that are there. */
  readonly zone: Map<string, string>;
  control: Control;
  projector: { readonly stop: AbortController; readonly running: Promise<void> } | null;
  lastSeq: number;
}

async function openGame(database: TestDatabase, counts: Map<string, number>): Promise<Game> {
  const zone = new Map<string, string>();
  const admin = openDatabase({ url: database.adminUrl, name: 'oracle' });
  const control = await openControl({ url: database.controlUrl, lookUpTxt: lookUpIn(zone) });
  const game: Game = {
    ...{ database, admin, zone, counts, control, world: emptyWorld(), projector: null },
    lastSeq: Number.MIN_SAFE_INTEGER,
  };
  await observe(game);
  return game;
}

async function closeGame(game: Game): Promise<void> {
  await stopProjector(game);
  await game.control.close();
  await game.admin.close();
}

async function drop({ adminUrl }: TestDatabase): Promise<void> {
  const url = new URL(adminUrl);
  const name = url.pathname.slice(1);
  await query(Object.assign(url, { pathname: '/postgres' }).href, `drop database ${name} with (force)`);
}

function lookUpIn(zone: ReadonlyMap<string, string>): TxtLookup {
  return async (name) => {
    const value = zone.get(name);
    return value === undefined ? { kind: 'absent' } : { kind: 'found', values: [value] };
  };
}

async function play(game: Game, sequence: readonly Turn[]): Promise<void> {
  for (const [at, turn] of sequence.entries()) {
    await take(game, turn, at);
    if ((at + 1) % ROUND === 0) await checkProjections(game);
  }
  await checkProjections(game);
}

async function take(game: Game, turn: Turn, at: number): Promise<void> {
  const move = moveOf(turn, game.world);
  switch (move.kind) {
    case 'restart':
      await game.control.close();
      game.control = await openControl({ url: game.database.controlUrl, lookUpTxt: lookUpIn(game.zone) });
      break;
    case 'rebuild':
      expect(
        (await rebuildProjections(game.admin, { isDryRun: false })).differing === 0,
        'a rebuild differs',
      );
      break;
    case 'compact':
      await compactTombstones(game.admin, 0);
      break;
    case 'projector':
      if (game.projector === null) startProjector(game);
      else await stopProjector(game);
      break;
    default:
      await command(game, move, turn.isRepeated ? `key-${at}` : undefined);
  }
}

async function command(game: Game, move: Command, idempotencyKey: string | undefined): Promise<void> {
  if (move.kind === 'verify' || move.kind === 'forge') await publish(game, move);
  const expectedPort = lowestFreePort(game.world);
  const now = Date.now();
  const answer = await carryOut(game.control, move, { idempotencyKey });
  const name = `${move.kind}: ${answer.kind}`;
  game.counts.set(name, (game.counts.get(name) ?? 0) + 1);
  const isRight = move.kind === 'apply' || isJustified(game.world, move, answer.kind, now);
  expect(isRight, `${JSON.stringify(move)} was answered with ${JSON.stringify(answer)}`);
  if (move.kind === 'allocate-port' && move.port === null && answer.kind === 'ok') {
    expect(portIn(answer) === expectedPort, `${expectedPort} is the lowest free port, not ${portIn(answer)}`);
  }

  const { recorded, problems } = await observe(game);
  expect(problems.length === 0, `${problems.join('; ')}, by ${JSON.stringify(move)}`);
  const isDryRun = move.kind === 'apply' && move.options.isDryRun;
  expect(recorded === 0 || (answer.kind === 'ok' && !isDryRun), 'a refused command left an event');
  if (idempotencyKey === undefined || move.kind === 'apply') return;

  const again = await carryOut(game.control, move, { idempotencyKey });
  const first = answer.kind === 'ok' ? { ...answer, isReplay: true } : answer;
  expect(isDeepStrictEqual(again, first), `${JSON.stringify(again)} is not ${JSON.stringify(first)}`);
  expect((await observe(game)).recorded === 0, 'a repeated command left an event');
}

function portIn({ value }: Answer): unknown {
  return typeof value === 'object' && value !== null && 'port' in value ? value.port : null;
}

/** The record that the claim asks for, or one that does not prove it. */
async function publish(
  { control, zone }: Game,
  move: { readonly kind: string; readonly domain: string; readonly org: string },
) {
  const domains = await control.listDomains({ org: move.org });
  const challenge = domains.find(({ domain }) => domain === move.domain)?.challenge;
  if (challenge) zone.set(challenge.name, move.kind === 'verify' ? challenge.value : 'weir-verify=forged');
}

/** Takes in what was recorded since. */
async function observe(
  game: Game,
): Promise<{ readonly recorded: number; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  let recorded = 0;
  for (const transaction of await readTransactions(game.admin, game.lastSeq)) {
    problems.push(...enterAll(game.world, transaction));
    recorded += transaction.length;
    game.lastSeq = Math.max(game.lastSeq, ...transaction.map(({ seq }) => seq));
  }
  return { recorded, problems };
}

async function checkProjections({ admin }: Game): Promise<void> {
  const [left] = await admin.query<{ pending: number; failed: number }>(
    `select (select count(*)::integer from weir.pending_events) as pending,
       (select count(*)::integer from weir.failed_events) as failed`,
  );
  expect(left?.pending === 0 && left.failed === 0, `is left: ${JSON.stringify(left)}`);
  const { differences } = await rebuildProjections(admin, { isDryRun: true });
  expect(differences.length === 0, `a rebuild differs: ${JSON.stringify(differences)}`);
  const [projected, folded] = [await readProjections(admin), await foldLastEvents(admin)];
  expect(
    isDeepStrictEqual(projected, folded),
    `projected ${JSON.stringify(projected)}, folded ${JSON.stringify(folded)}`,
  );
}

function startProjector(game: Game): void {
  const stop = new AbortController();
  const running = runProjector({ url: game.database.controlUrl, log: silentLog, signal: stop.signal });
  game.projector = { stop, running };
}

async function stopProjector(game: Game): Promise<void> {
  game.projector?.stop.abort();
  await game.projector?.running;
  game.projector = null;
}

function expect(isSo: boolean, problem: string): void {
  if (!isSo) throw new Error(problem);
}
