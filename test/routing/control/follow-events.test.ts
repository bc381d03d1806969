import test, { type ExecutionContext } from 'ava';
import { followEvents } from '../../../routing/control/events/follow-events.ts';
import type { EventFilterInput } from '../../../routing/control/inputs.ts';
import { parseEventFilter } from '../../../routing/control/queries/event-filter.ts';
import type { EventView } from '../../../routing/control/views.ts';
import { query, startTestPostgres, type TestDatabase } from '../../support/postgres.ts';
import { APPEND, append, client } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

test('tells of what is there, then of what comes', async (t) => {
  const database = await postgres.createDatabase();
  for (const name of ['a', 'b', 'c']) await append(database, `${name}.example.com`);
  const follower = follow(t, database, { limit: 2 });
  await follower.until(2);
  t.true(follower.hasEarlier());
  await append(database, 'd.example.com');
  await follower.until(3);
  t.deepEqual(follower.seqs, [2, 3, 4]);
  await follower.stop();
});

test('tells of an event whose transaction was held open past later ones, once', async (t) => {
  const database = await postgres.createDatabase();
  const follower = follow(t, database);
  await follower.isUp;
  const slow = await hold(t, database, 'slow.example.com');
  for (const name of ['a', 'b', 'c']) await append(database, `${name}.example.com`);
  await follower.until(3);
  t.deepEqual(follower.seqs, [2, 3, 4]);

  await slow.query('commit');
  await follower.until(4);
  await append(database, 'd.example.com');
  await follower.until(5);
  t.deepEqual(follower.seqs, [2, 3, 4, 1, 5]);
  await follower.stop();
});

test('tells of an event whose transaction was open past later ones when it began', async (t) => {
  const database = await postgres.createDatabase();
  await append(database, 'a.example.com');
  const slow = await hold(t, database, 'slow.example.com');
  const slower = await hold(t, database, 'slower.example.com');
  await append(database, 'b.example.com');
  const follower = follow(t, database, { limit: 1 });
  await follower.until(1);
  t.deepEqual(follower.seqs, [4]);

  await slow.query('commit');
  await follower.until(2);
  await append(database, 'c.example.com');
  await follower.until(3);
  await slower.query('commit');
  await follower.until(4);
  t.deepEqual(follower.seqs, [4, 2, 5, 3]);
  await follower.stop();
});

test('does not wait for a number whose transaction was rolled back', async (t) => {
  const database = await postgres.createDatabase();
  const follower = follow(t, database);
  await follower.isUp;
  const slow = await hold(t, database, 'never.example.com');
  await append(database, 'a.example.com');
  await follower.until(1);
  await slow.query('rollback');
  await append(database, 'b.example.com');
  await follower.until(2);
  t.deepEqual(follower.seqs, [2, 3]);
  await follower.stop();
});

test('tells only of what the filter lets through, also of what comes late', async (t) => {
  const database = await postgres.createDatabase();
  const follower = follow(t, database, { route: 'slow.example.com', since: '1h', org: 'acme' });
  await follower.isUp;
  const slow = await hold(t, database, 'slow.example.com');
  const other = await hold(t, database, 'other.example.com');
  await append(database, 'a.example.com');
  await other.query('commit');
  await slow.query('commit');
  await follower.until(1);
  await append(database, 'slow.example.com', 2, 'route.updated');
  await follower.until(2);
  t.deepEqual(follower.seqs, [1, 4]);
  await follower.stop();
});

test('goes on where it was after its connections were cut', async (t) => {
  const database = await postgres.createDatabase();
  const follower = follow(t, database);
  await follower.isUp;
  const slow = await hold(t, database, 'slow.example.com');
  await append(database, 'a.example.com');
  await follower.until(1);

  await query(
    database.adminUrl,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like 'weir events%'`,
  );
  await append(database, 'b.example.com');
  await slow.query('commit');
  await follower.until(3);
  t.deepEqual([...follower.seqs].sort(), [1, 2, 3]);
  await follower.stop();
  t.deepEqual(follower.interruptions.slice(0, 2), ['lost', 'back']);
});

test('tells of each event once, in whatever order many writers commit and roll back', async (t) => {
  const database = await postgres.createDatabase();
  const started = append(database, 'first.example.com');
  // However late it is up: of what is there by then all is asked for, and not the last fifty.
  const follower = follow(t, database, { limit: 10_000 });
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    const connection = await client(t, database.controlUrl);
    for (let round = 0; round < 40; round += 1) {
      await connection.query('begin');
      await connection.query(APPEND, [`w${writer}-${round}.example.com`, 1, 'route.created']);
      // Held for as many turns as differ from writer to writer and from round to round.
      for (let turn = (writer * 7 + round * 3) % 11; turn > 0; turn -= 1) await connection.query('select');
      await connection.query((writer + round) % 5 === 0 ? 'rollback' : 'commit');
    }
  });
  await Promise.all([started, ...writers]);
  const rows = await query<{ seq: string }>(
    database.adminUrl,
    'select seq from weir.events where seq > 0 order by seq',
  );
  await follower.until(rows.length);
  await follower.stop();
  t.deepEqual(
    follower.seqs.toSorted((a, b) => a - b),
    rows.map(({ seq }) => Number(seq)),
  );
});

test('rejects where the database cannot be had to begin with', async (t) => {
  const { filter } = parsed({});
  const following = followEvents({
    url: 'postgres://nobody:secret@127.0.0.1:1/none',
    filter,
    signal: new AbortController().signal,
    onPresent: async () => {},
    onNew: async () => {},
    onLost: () => t.fail(),
    onBack: () => t.fail(),
  });
  const error = await t.throwsAsync(following, { code: 'unavailable' });
  t.notRegex(error?.message ?? '', /secret/);
});

test('a defect of who is told ends it', async (t) => {
  const database = await postgres.createDatabase();
  await append(database, 'a.example.com');
  const following = followEvents({
    url: database.controlUrl,
    ...parsed({}),
    signal: new AbortController().signal,
    onPresent: () => Promise.reject(new RangeError('a defect')),
    onNew: async () => {},
    onLost: () => t.fail(),
    onBack: () => t.fail(),
  });
  await t.throwsAsync(following, { instanceOf: RangeError });
});

/** A transaction that has recorded an event and not ended. */
async function hold(t: ExecutionContext, database: TestDatabase, name: string) {
  const connection = await client(t, database.controlUrl);
  await connection.query('begin');
  await connection.query(APPEND, [name, 1, 'route.created']);
  return connection;
}

function parsed(input: EventFilterInput) {
  const filter = parseEventFilter(input);
  if (filter.kind === 'invalid') throw new Error(JSON.stringify(filter.problems));
  return { filter: filter.value };
}

/** Collects what is told. */
function follow(t: ExecutionContext, database: TestDatabase, input: EventFilterInput = {}) {
  const stop = new AbortController();
  const up = Promise.withResolvers<void>();
  const seqs: number[] = [];
  const interruptions: string[] = [];
  let hasEarlier = false;
  let check = () => {};
  const take = async (events: readonly EventView[]) => {
    seqs.push(...events.map(({ seq }) => seq));
    check();
  };
  const running = followEvents({
    url: database.controlUrl,
    ...parsed(input),
    signal: stop.signal,
    async onPresent(present) {
      hasEarlier = present.hasEarlier;
      up.resolve();
      await take(present.events);
    },
    onNew: take,
    onLost: () => interruptions.push('lost'),
    onBack: () => interruptions.push('back'),
  });
  running.catch(up.reject);
  const end = async () => {
    stop.abort();
    await running;
  };
  t.teardown(end);
  return {
    isUp: up.promise,
    seqs,
    interruptions,
    hasEarlier: () => hasEarlier,
    until: (count: number) =>
      new Promise<void>((resolve) => {
        check = () => {
          if (seqs.length >= count) resolve();
        };
        check();
      }),
    stop: end,
  };
}
