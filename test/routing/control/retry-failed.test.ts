import test, { type ExecutionContext } from 'ava';
import { awaitProjection } from '../../../routing/control/projection/await-projection.ts';
import { projectPending } from '../../../routing/control/projector.ts';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { append, changes, client, expectOk, META, pool, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const FORBID = `alter table weir.routes add constraint forbidden check (hostname not like 'bad%') not valid`;
const ALLOW = 'alter table weir.routes drop constraint forbidden';

/** A control plane on which names that begin with `bad` cannot be projected. */
async function startForbidding(t: ExecutionContext) {
  const { control, database } = await startControl(t, postgres);
  await query(database.adminUrl, FORBID);
  return { control, database, projector: pool(t, database) };
}

test('lists the events that stand aside with the reason', async (t) => {
  const { control, database, projector } = await startForbidding(t);
  await append(database, 'a.example.com');
  const seq = await append(database, 'bad.example.com');
  while ((await projectPending(projector)).taken > 0);
  const [failed, ...others] = await control.listFailedEvents();
  t.deepEqual(others, []);
  t.like(failed, { seq, stream: 'route/tls/bad.example.com', type: 'route.created', actor: 'ada' });
  t.regex(failed?.error ?? '', /forbidden/);
  t.true(Date.parse(failed?.failedAt ?? '') > 0);
});

test('projects what failed once its cause is mended, under new revisions and in the order of the log', async (t) => {
  const { control, database, projector } = await startForbidding(t);
  await append(database, 'bad-1.example.com');
  await append(database, 'bad-2.example.com');
  await append(database, 'bad-2.example.com', 2, 'route.deleted');
  await append(database, 'a.example.com');
  while ((await projectPending(projector)).taken > 0);
  t.deepEqual(await changes(database), [[1, 'tls/a.example.com', true]]);

  await query(database.adminUrl, ALLOW);
  const listener = await client(t, database.edgeUrl);
  await listener.query('listen weir_revision');
  const told: unknown[] = [];
  listener.on('notification', ({ payload }) => told.push(payload));
  t.deepEqual(expectOk(await control.retryEvents('all')), [
    { seq: 1, stream: 'route/tls/bad-1.example.com', outcome: 'projected', revision: 2 },
    { seq: 2, stream: 'route/tls/bad-2.example.com', outcome: 'projected', revision: 3 },
    { seq: 3, stream: 'route/tls/bad-2.example.com', outcome: 'projected', revision: 4 },
  ]);
  t.deepEqual(await changes(database), [
    [1, 'tls/a.example.com', true],
    [2, 'tls/bad-1.example.com', true],
    [4, 'tls/bad-2.example.com', false],
  ]);
  await listener.query('select');
  t.is(told.at(-1), '4');
  t.deepEqual(await control.listFailedEvents(), []);
  t.deepEqual(await query(database.adminUrl, 'select from weir.pending_events'), []);
  t.deepEqual(expectOk(await control.retryEvents('all')), []);
});

test('leaves aside what fails again, with its new reason, and projects the rest', async (t) => {
  const { control, database, projector } = await startForbidding(t);
  await append(database, 'bad-1.example.com');
  await append(database, 'two words');
  await append(database, 'bad-2.example.com');
  while ((await projectPending(projector)).taken > 0);
  await query(database.adminUrl, ALLOW);
  await query(
    database.adminUrl,
    `alter table weir.routes add constraint other check (hostname <> 'bad-2.example.com')`,
  );

  const retried = expectOk(await control.retryEvents('all'));
  t.deepEqual(
    retried.map(({ seq, outcome }) => [seq, outcome]),
    [
      [1, 'projected'],
      [2, 'failed'],
      [3, 'failed'],
    ],
  );
  const failed = await control.listFailedEvents();
  t.deepEqual(
    failed.map(({ seq }) => seq),
    [2, 3],
  );
  t.regex(failed[1]?.error ?? '', /other/);
});

test('does not undo a later event of the stream that is projected', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const route = { hostname: 'www.example.com', ...SHOP, backendPort: 1 };
  expectOk(await control.createRoute(route, META));
  await query(database.adminUrl, 'alter table weir.routes add constraint c check (backend_port <> 13)');
  const failing = { hostname: 'www.example.com', backendPort: 13 };
  const update = () => control.updateRoute(failing, { ...META, idempotencyKey: 'k1' });
  await t.throwsAsync(update, { code: 'projection-failed', message: /weir events failed/ });
  expectOk(await control.updateRoute({ hostname: 'www.example.com', backendPort: 2 }, META));
  await query(database.adminUrl, 'alter table weir.routes drop constraint c');

  t.deepEqual(expectOk(await control.retryEvents([2])), [
    { seq: 2, stream: 'route/tls/www.example.com', outcome: 'superseded', supersededBy: 3 },
  ]);
  const report = expectOk(await control.showRoute({ hostname: 'www.example.com' }));
  t.is(report.route.backendPort, 2);
  t.deepEqual(await control.listFailedEvents(), []);
  t.deepEqual(await query(database.adminUrl, 'select revision from weir.head'), [{ revision: '2' }]);
  // Whoever repeats the command that was given up is answered, too.
  t.true((await update()).kind === 'ok');
});

test('an event that nobody has projected yet does not supersede, and comes after it', async (t) => {
  const { control, database, projector } = await startForbidding(t);
  await append(database, 'bad.example.com');
  await projectPending(projector);
  await append(database, 'bad.example.com', 2, 'route.deleted');
  await query(database.adminUrl, ALLOW);
  t.like(expectOk(await control.retryEvents(['1'])), { 0: { outcome: 'projected', revision: 1 } });
  await projectPending(projector);
  t.deepEqual(await changes(database), [[2, 'tls/bad.example.com', false]]);
});

test('changes nothing where one of the events is not set aside, or is no number', async (t) => {
  const { control, database, projector } = await startForbidding(t);
  await append(database, 'bad.example.com');
  await projectPending(projector);
  await query(database.adminUrl, ALLOW);
  t.like(await control.retryEvents([1, 7]), { kind: 'not-found' });
  for (const seq of ['one', '', '-1', '1e3', '99999999999999999']) {
    t.like(await control.retryEvents([1, seq]), { kind: 'invalid' });
  }
  t.deepEqual(await changes(database), []);
  t.is((await control.listFailedEvents()).length, 1);
});

test('two that retry at once project each event once', async (t) => {
  const { control, database, projector } = await startForbidding(t);
  for (let index = 0; index < 10; index += 1) await append(database, `bad-${index}.example.com`);
  while ((await projectPending(projector)).taken > 0);
  await query(database.adminUrl, ALLOW);
  const [first, second] = await Promise.all([control.retryEvents('all'), control.retryEvents('all')]);
  t.is(expectOk(first).length + expectOk(second).length, 10);
  t.is((await changes(database)).length, 10);
});

test('an event that is retried is awaited like any other', async (t) => {
  const { control, database, projector } = await startForbidding(t);
  const seq = await append(database, 'bad.example.com');
  await projectPending(projector);
  await query(database.adminUrl, ALLOW);
  expectOk(await control.retryEvents([seq]));
  t.is(await awaitProjection(projector, seq, 1_000), 1);
});

test('retries any number of events', async (t) => {
  const { control, database, projector } = await startForbidding(t);
  await query(
    database.controlUrl,
    `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
     select 'strange/' || n, 1, 'strange', 1, '{}', 'ada' from generate_series(1, 450) as n`,
  );
  while ((await projectPending(projector)).taken > 0);
  const retried = expectOk(await control.retryEvents('all'));
  t.deepEqual(
    retried.map(({ seq }) => seq),
    Array.from({ length: 450 }, (_, index) => index + 1),
  );
  t.true(retried.every(({ outcome }) => outcome === 'failed'));
  t.is((await control.listFailedEvents()).length, 450);
});

test('refuses to retry into another schema version', async (t) => {
  const { control, database, projector } = await startForbidding(t);
  await append(database, 'bad.example.com');
  await projectPending(projector);
  await query(database.adminUrl, ALLOW);
  await query(database.adminUrl, `insert into weir.migrations (name, run_on) values ('9999_later', now())`);
  await t.throwsAsync(control.retryEvents('all'), { code: 'schema-version' });
  t.deepEqual(await changes(database), []);
});
