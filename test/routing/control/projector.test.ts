import test from 'ava';
import { awaitProjection } from '../../../routing/control/projection/await-projection.ts';
import { projectBatch } from '../../../routing/control/projection/project-batch.ts';
import { projectPending } from '../../../routing/control/projector.ts';
import { query, startTestPostgres, type TestDatabase } from '../../support/postgres.ts';
import { APPEND, append, changes, client, expectOk, META, pool, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

test('projects an event whose transaction was held open past later ones', async (t) => {
  const database = await postgres.createDatabase();
  const projector = pool(t, database);
  const slow = await client(t, database.controlUrl);
  await slow.query('begin');
  await slow.query(APPEND, ['first.example.com', 1, 'route.created']);
  await append(database, 'second.example.com');

  const before = await projectPending(projector);
  t.is(before.taken, 1);
  t.deepEqual(await changes(database), [[1, 'tls/second.example.com', true]]);

  await slow.query('commit');
  await projectPending(projector);
  // Revisions are in the order in which the events became visible, not in that of their numbers.
  t.deepEqual(await changes(database), [
    [1, 'tls/second.example.com', true],
    [2, 'tls/first.example.com', true],
  ]);
  t.deepEqual(await query(database.edgeUrl, 'select revision from weir.head'), [{ revision: '2' }]);
  t.is((await projectPending(projector)).taken, 0);
});

test('is held up by no transaction that is open elsewhere', async (t) => {
  const database = await postgres.createDatabase();
  const reader = await client(t, database.adminUrl);
  await reader.query('begin isolation level repeatable read');
  await reader.query('create table public.unrelated ()');
  await append(database, 'www.example.com');
  t.is((await projectPending(pool(t, database))).taken, 1);
});

test('projects nothing of a transaction that is rolled back', async (t) => {
  const database = await postgres.createDatabase();
  const writer = await client(t, database.controlUrl);
  await writer.query('begin');
  await writer.query(APPEND, ['www.example.com', 1, 'route.created']);
  await writer.query('rollback');
  t.is((await projectPending(pool(t, database))).taken, 0);
  t.deepEqual(await changes(database), []);
});

test('comes to the same rows in batches of any size', async (t) => {
  const contents = await Promise.all(
    [1, 3, 500].map(async (limit) => {
      const database = await postgres.createDatabase();
      for (const [name, version, type] of [
        ['a.example.com', 1, 'route.created'],
        ['b.example.com', 1, 'route.created'],
        ['a.example.com', 2, 'route.updated'],
        ['a.example.com', 3, 'route.deleted'],
        ['a.example.com', 4, 'route.created'],
        ['b.example.com', 2, 'route.deleted'],
        ['a.example.com', 5, 'route.updated'],
      ] as const) {
        await append(database, name, version, type);
      }
      const projector = pool(t, database);
      while ((await projectBatch(projector, limit)).taken > 0);
      return query(
        database.adminUrl,
        `select route.key, route.revision, route.is_deleted, service.revision as service,
           (select stream_version from weir.events where date_trunc('milliseconds', recorded_at) = route.created_at
              and type = 'route.created' and stream = 'route/' || route.key) as created_by,
           projected.seq
         from weir.routes as route join weir.services as service on service.key = route.service
         join weir.projected_events as projected on projected.revision = route.revision order by route.key`,
      );
    }),
  );
  t.deepEqual(contents[0], [
    { key: 'tls/a.example.com', revision: '7', is_deleted: false, service: '1', created_by: 4, seq: '7' },
    { key: 'tls/b.example.com', revision: '6', is_deleted: true, service: '1', created_by: 1, seq: '6' },
  ]);
  t.deepEqual(contents[1], contents[0]);
  t.deepEqual(contents[2], contents[0]);
});

test('projects each event exactly once when its connection is killed in the middle', async (t) => {
  const database = await postgres.createDatabase();
  for (let index = 0; index < 20; index += 1) await append(database, `h${index}.example.com`);

  // The head is what a batch writes last: held by somebody else, it stops the projector in the middle.
  const holder = await client(t, database.adminUrl);
  await holder.query('begin');
  await holder.query('select from weir.head for update');
  const doomed = projectPending(pool(t, database));
  const rejection = t.throwsAsync(doomed, { message: /terminat/ });
  const victim = await untilBlocked(database);
  await query(database.adminUrl, 'select pg_terminate_backend($1)', [victim]);
  await rejection;
  await holder.query('rollback');

  t.deepEqual(await changes(database), []);
  const projector = pool(t, database);
  const [first, second] = await Promise.all([projectPending(projector), projectPending(projector)]);
  t.is(first.taken + second.taken, 20);
  t.deepEqual(
    (await changes(database)).map(([revision]) => revision),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  t.deepEqual(await query(database.adminUrl, 'select from weir.pending_events'), []);
});

/** The process of the projector that waits for a lock. */
async function untilBlocked(database: TestDatabase): Promise<number> {
  for (;;) {
    const [row] = await query<{ pid: number }>(
      database.adminUrl,
      `select pid from pg_stat_activity
       where datname = current_database() and application_name = 'test' and wait_event_type = 'Lock'`,
    );
    if (row !== undefined) return row.pid;
  }
}

test('sets aside an event that it cannot read, and goes on', async (t) => {
  const database = await postgres.createDatabase();
  await append(database, 'a.example.com');
  const bad = await append(database, 'two words');
  await append(database, 'b.example.com');
  const batch = await projectPending(pool(t, database));
  t.deepEqual(
    batch.failed.map(({ seq }) => seq),
    [bad],
  );
  t.deepEqual(await changes(database), [
    [1, 'tls/a.example.com', true],
    [2, 'tls/b.example.com', true],
  ]);
  t.deepEqual(await query(database.controlUrl, 'select seq, error from weir.failed_events'), [
    { seq: String(bad), error: 'the event pattern has the character space' },
  ]);
  t.deepEqual(await query(database.adminUrl, 'select from weir.pending_events'), []);
});

test('sets aside an event whose row the database refuses, and goes on', async (t) => {
  const database = await postgres.createDatabase();
  await query(database.adminUrl, `alter table weir.routes add check (hostname <> 'bad.example.com')`);
  for (const name of ['a', 'b', 'bad', 'c', 'd']) await append(database, `${name}.example.com`);
  const projector = pool(t, database);
  const failed = [];
  for (let taken = 1; taken > 0; ) {
    const batch = await projectPending(projector);
    failed.push(...batch.failed);
    taken = batch.taken;
  }
  t.is(failed.length, 1);
  t.regex(failed[0]?.error ?? '', /check constraint/);
  t.deepEqual(await changes(database), [
    [1, 'tls/a.example.com', true],
    [2, 'tls/b.example.com', true],
    [3, 'tls/c.example.com', true],
    [4, 'tls/d.example.com', true],
  ]);
});

test('tells the command whose event was set aside', async (t) => {
  const { control, database } = await startControl(t, postgres);
  await query(database.adminUrl, `alter table weir.routes add check (hostname <> 'bad.example.com')`);
  const creating = control.createRoute({ hostname: 'bad.example.com', ...SHOP, backendPort: 1 }, META);
  await t.throwsAsync(creating, { code: 'projection-failed' });
});

test('tells the command that is recorded and not visible yet', async (t) => {
  const { control, database } = await startControl(t, postgres, {
    queryTimeoutMs: 200,
    projectionTimeoutMs: 100,
  });
  const holder = await client(t, database.adminUrl);
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock($1)', [0x77656972]);
  const creating = control.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: 1 }, META);
  await t.throwsAsync(creating, { code: 'projection-delayed' });
  t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 1);

  await holder.query('rollback');
  t.is(await awaitProjection(pool(t, database), 1, 1_000), 1);
});

test('refuses to project into another schema version', async (t) => {
  const database = await postgres.createDatabase();
  await append(database, 'www.example.com');
  await query(database.adminUrl, `insert into weir.migrations (name, run_on) values ('9999_later', now())`);
  await t.throwsAsync(projectPending(pool(t, database)), { code: 'schema-version' });
  t.deepEqual(await changes(database), []);
});

test('notifies once for each batch, with the revision', async (t) => {
  const database = await postgres.createDatabase();
  const listener = await client(t, database.edgeUrl);
  await listener.query('listen weir_revision');
  const payloads: unknown[] = [];
  listener.on('notification', ({ payload }) => payloads.push(payload));
  for (const name of ['a', 'b', 'c']) await append(database, `${name}.example.com`);
  await projectPending(pool(t, database));
  await listener.query('select');
  t.deepEqual(payloads, ['3']);
});

test('keeps what a route was before an event of it failed, and shows the failure', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: 1 }, META));
  await query(database.adminUrl, 'alter table weir.routes add check (backend_port <> 13) not valid');
  const update = control.updateRoute({ hostname: 'www.example.com', backendPort: 13 }, META);
  await t.throwsAsync(update, { code: 'projection-failed' });
  const report = expectOk(await control.showRoute({ hostname: 'www.example.com' }));
  t.is(report.route.backendPort, 1);
  t.regex(report.verdict, /not live: route: .*could not be projected/);
});
