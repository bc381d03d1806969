import { once } from 'node:events';
import test from 'ava';
import { runProjector } from '../../../routing/control/projector.ts';
import { query, silentLog, startTestPostgres } from '../../support/postgres.ts';
import { APPEND, append, changes, client } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

test('runs on its own: projects what others record, also after its connections are cut', async (t) => {
  const database = await postgres.createDatabase();
  const listener = await client(t, database.edgeUrl);
  await listener.query('listen weir_revision');
  const stop = new AbortController();
  const running = runProjector({ url: database.controlUrl, log: silentLog, signal: stop.signal });

  await append(database, 'a.example.com');
  await once(listener, 'notification');
  t.deepEqual(await changes(database), [[1, 'tls/a.example.com', true]]);

  const cut = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'weir projector%'`;
  await query(database.adminUrl, cut);
  await append(database, 'b.example.com');
  await once(listener, 'notification');
  t.is((await changes(database)).length, 2);

  stop.abort();
  await running;
  const left = `select from pg_stat_activity
    where datname = current_database() and application_name like 'weir projector%'`;
  while ((await query(database.adminUrl, left)).length > 0);
  t.pass();
});

test('wakes on a recorded event, long before its timer', async (t) => {
  const database = await postgres.createDatabase();
  const listener = await client(t, database.edgeUrl);
  await listener.query('listen weir_revision');
  const writer = await client(t, database.controlUrl);
  const stop = new AbortController();
  const running = runProjector({ url: database.controlUrl, log: silentLog, signal: stop.signal });
  const delays: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    const notified = once(listener, 'notification');
    await writer.query(APPEND, [`h${index}.example.com`, 1, 'route.created']);
    const committed = performance.now();
    await notified;
    delays.push(performance.now() - committed);
  }
  delays.sort((a, b) => a - b);
  t.log(`commit to notification: median ${delays[10]?.toFixed(1)} ms, worst ${delays.at(-1)?.toFixed(1)} ms`);
  t.true((delays[10] ?? Number.POSITIVE_INFINITY) < 250);
  stop.abort();
  await running;
});

test('goes on trying while the database is away, and ends when it is told to', async (t) => {
  const stop = new AbortController();
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_: object, message: string) => warnings.push(message) };
  const running = runProjector({
    url: 'postgres://nobody:secret@127.0.0.1:1/none',
    log,
    signal: stop.signal,
  });
  while (warnings.length === 0) await new Promise(setImmediate);
  stop.abort();
  await running;
  t.is(warnings.length, 1);
  t.notRegex(warnings[0] ?? '', /secret/);
});
