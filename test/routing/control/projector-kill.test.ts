import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { rebuildProjections } from '../../../routing/control/projection/rebuild.ts';
import { startTestPostgres, type TestDatabase } from '../../support/postgres.ts';
import { APPEND, client, pool } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

/** `WEIR_TEST_KILLS=50 npx ava test/routing/control/projector-kill.test.ts` for more of it. */
const KILLS = Number(process.env['WEIR_TEST_KILLS'] ?? 10);

const TAKE_OVER_MS = 1_000;

test('projects each event once though projectors are killed with SIGKILL in the middle of a batch', async (t) => {
  const database = await postgres.createDatabase();
  const admin = await client(t, database.adminUrl);
  const projectors = new Map<string, ChildProcess>();
  for (const name of ['projector_a', 'projector_b']) {
    await admin.query(`create role ${name} login password 'secret' in role weir_control`);
    projectors.set(name, start(t, database, name));
  }
  while ((await connected(admin)).length < 2);
  const stopWriting = startWriter(t, database);
  const takeOvers: number[] = [];

  for (let kill = 0; kill < KILLS; kill += 1) {
    const holder = await client(t, database.adminUrl);
    await holder.query('begin');
    // Every other time the head, which a batch writes last, is held, so that the kill meets one that has written all else.
    const isHeld = kill % 2 === 0;
    if (isHeld) await holder.query('select from weir.head for update');
    const victim = await untilInBatch(admin, isHeld);
    const process = projectors.get(victim);
    if (process === undefined) throw new Error(`${victim} is no projector`);
    process.kill('SIGKILL');
    await once(process, 'exit');
    const before = await headOf(admin);
    await holder.query('rollback');
    await holder.end();
    const killedAt = performance.now();
    while ((await headOf(admin)) === before);
    takeOvers.push(performance.now() - killedAt);
    projectors.set(victim, start(t, database, victim));
    while ((await connected(admin)).length < 2);
  }

  const appended = await stopWriting();
  while ((await admin.query('select from weir.pending_events')).rows.length > 0);
  t.deepEqual((await admin.query(ACCOUNT)).rows, [
    { events: appended, projected: appended, revisions: appended, last: appended, head: appended },
  ]);
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), {
    events: appended,
    differing: 0,
    setAside: 0,
  });
  takeOvers.sort((a, b) => a - b);
  const worst = takeOvers.at(-1) ?? Number.NaN;
  t.log(
    `${KILLS} kills, ${appended} events; the other took over after ${worst.toFixed(0)} ms at the longest, ` +
      `median ${takeOvers[takeOvers.length >> 1]?.toFixed(0)} ms`,
  );
  t.true(worst < TAKE_OVER_MS);
});

const ACCOUNT = `
  select (select count(*)::integer from weir.events where seq > 0) as events,
    (select count(distinct seq)::integer from weir.projected_events join weir.events using (seq) where seq > 0) as projected,
    (select count(distinct revision)::integer from weir.projected_events where seq > 0) as revisions,
    (select max(revision)::integer from weir.projected_events) as last,
    (select revision::integer from weir.head) as head`;

/** As a login of its own, by which its connections are told from the other's. */
function start(t: ExecutionContext, { controlUrl }: TestDatabase, name: string): ChildProcess {
  const url = Object.assign(new URL(controlUrl), { username: name, password: 'secret' }).href;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'projector-process.ts'), url], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** The projectors that are up: those that listen. */
async function connected(admin: pg.Client): Promise<readonly string[]> {
  const { rows } = await admin.query<{ usename: string }>(
    `select distinct usename from pg_stat_activity where datname = current_database()
       and application_name = 'weir projector (listen)' and state = 'idle' and query ilike 'listen%'`,
  );
  return rows.map(({ usename }) => usename);
}

/** Who holds the projector's lock; `isHeld`: and has come to the head. */
async function untilInBatch(admin: pg.Client, isHeld: boolean): Promise<string> {
  for (;;) {
    const { rows } = await admin.query<{ usename: string }>(
      `select usename from pg_stat_activity join pg_locks using (pid)
       where datname = current_database() and application_name = 'weir projector'
         and locktype = 'advisory' and granted and (not $1 or wait_event in ('transactionid', 'tuple'))`,
      [isHeld],
    );
    const [row] = rows;
    if (row !== undefined) return row.usename;
  }
}

async function headOf(admin: pg.Client): Promise<string | undefined> {
  return (await admin.query<{ revision: string }>('select revision from weir.head')).rows[0]?.revision;
}

/** Creates, updates and deletes 50 routes, round by round, without a pause; the returned function ends it and counts. */
function startWriter(t: ExecutionContext, database: TestDatabase): () => Promise<number> {
  let isWriting = true;
  let appended = 0;
  const write = async () => {
    const connection = new pg.Client({ connectionString: database.controlUrl });
    await connection.connect();
    for (; isWriting; appended += 1) {
      const version = 1 + Math.floor(appended / 50);
      const type = (['route.created', 'route.updated', 'route.deleted'] as const)[(version - 1) % 3];
      await connection.query(APPEND, [`h${appended % 50}.example.com`, version, type]);
    }
    await connection.end();
  };
  const writing = write();
  t.teardown(() => {
    isWriting = false;
  });
  return async () => {
    isWriting = false;
    await writing;
    return appended;
  };
}
