import test from 'ava';
import type { Statements } from '../../../routing/control/database.ts';
import { NewEvents } from '../../../routing/control/events/new-events.ts';
import { parseEventFilter } from '../../../routing/control/queries/event-filter.ts';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { APPEND, append, client, pool } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

test('watches the numbers of a writer that is open, and forgets them when it is gone', async (t) => {
  const database = await postgres.createDatabase();
  const reads: (readonly unknown[])[] = [];
  const connection = pool(t, database);
  const watching: Statements = {
    query(text, values) {
      if (text.includes('watched')) reads.push(values ?? []);
      return connection.query(text, values);
    },
  };
  const filter = parseEventFilter({});
  if (filter.kind === 'invalid') return t.fail();
  const news = new NewEvents(() => watching, filter.value);
  const seen: number[] = [];
  const read = async () => {
    await news.read(async (events) => void seen.push(...events.map(({ seq }) => seq)));
    const [from, , shown] = reads.at(-1)?.slice(5) ?? [];
    return { from, shown };
  };

  const early = await client(t, database.controlUrl);
  await early.query('begin');
  await early.query(APPEND, ['early.example.com', 1, 'route.created']);
  await append(database, 'a.example.com');
  await news.begin();
  await read();
  // Number 1 is a gap; what comes after the end is watched from 3 on.
  t.deepEqual(await read(), { from: [1, 3], shown: [] });

  await append(database, 'b.example.com');
  await read();
  t.deepEqual(await read(), { from: [1, 3], shown: [3] });

  const later = await client(t, database.controlUrl);
  await later.query('begin');
  await later.query(APPEND, ['later.example.com', 1, 'route.created']);
  await append(database, 'c.example.com');
  await early.query('rollback');
  await read();
  // The gap is for ever, and the writer that came later holds up only what came after the first barrier.
  t.deepEqual(await read(), { from: [3], shown: [3, 5] });

  await later.query('commit');
  await read();
  t.deepEqual(await read(), { from: [6], shown: [] });
  t.deepEqual(seen, [3, 5, 4]);
});

test('a page that could not be shown is handed over again', async (t) => {
  const database = await postgres.createDatabase();
  const connection = pool(t, database);
  const filter = parseEventFilter({});
  if (filter.kind === 'invalid') return t.fail();
  const news = new NewEvents(() => connection, filter.value);
  await news.begin();
  await query(
    database.controlUrl,
    `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
     select 'strange/' || n, 1, 'strange', 1, '{}', 'ada' from generate_series(1, 1200) as n`,
  );
  const seen: number[] = [];
  const take = (limit: number) =>
    news.read(async (events) => {
      if (seen.length >= limit) throw new RangeError('enough');
      seen.push(...events.map(({ seq }) => seq));
    });
  await t.throwsAsync(take(500), { instanceOf: RangeError });
  t.is(seen.length, 500);
  await take(Number.POSITIVE_INFINITY);
  t.deepEqual(
    seen,
    Array.from({ length: 1200 }, (_, index) => index + 1),
  );
});
