import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { type Run, weir, weirEntry } from '../../support/command-line.ts';
import { query, startTestPostgres, type TestDatabase, type TestPostgres } from '../../support/postgres.ts';

const SERVICE = ['--org', 'acme', '--app', 'shop', '--env', 'production', '--process', 'web'];
const CREATE = ['route', 'create', 'www.example.com', ...SERVICE, '--backend-port', '8443'];

let postgres: TestPostgres;
const endings: (() => Promise<void>)[] = [];

test.before(async () => {
  postgres = await startTestPostgres({ after: (end) => endings.push(end) });
});

test.after.always(async () => {
  for (const end of endings) await end();
});

test('what was recorded is listed for people and for scripts', async (t) => {
  const { run } = await onDatabase();
  t.is((await run('events')).stdout, 'No events match.\n');
  await run(...CREATE, '--actor', 'ada', '--reason', 'launch', '--idempotency-key', 'k1');
  await run('port', 'pool', '20000-20001', '--actor', 'bob');

  const [people, script, route, org, since, cut] = await Promise.all([
    run('events'),
    run('events', '--json'),
    run('events', '--route', 'www.example.com', '--json'),
    run('events', '--org', 'nobody', '--json'),
    run('events', '--since', '2', '--stream', 'port-pool', '--json'),
    run('events', '--limit', '1'),
  ]);

  t.regex(people.stdout, /^ *SEQ +TIME +TYPE +STREAM +ACTOR +SAYS +REASON/);
  t.regex(
    people.stdout,
    /^ +1 +\S+Z +route\.created +route\/tls\/www\.example\.com +ada +www\.example\.com → acme\/shop\/production\/web port 8443 +launch$/m,
  );
  t.like(JSON.parse(script.stdout), {
    length: 2,
    0: { seq: 1, idempotencyKey: 'k1', actor: 'ada', reason: 'launch', payload: { backendPort: 8443 } },
    1: { seq: 2, type: 'port-pool.defined', idempotencyKey: null },
  });
  t.like(JSON.parse(route.stdout), { length: 1, 0: { seq: 1 } });
  t.deepEqual(JSON.parse(org.stdout), []);
  t.like(JSON.parse(since.stdout), { length: 1, 0: { seq: 2 } });
  t.regex(cut.stderr, /^The last 1 that match/);
});

test('a filter that is not valid is 5, with or without --follow, by the name that was typed', async (t) => {
  const { run } = await onDatabase();
  for (const follow of [[], ['--follow']]) {
    const wrong = await run('events', ...follow, '--since', 'yesterday', '--limit', '0', '--route', 'a b');
    t.is(wrong.exitCode, 5);
    t.regex(wrong.stderr, /^ {2}--since is no number of an event/m);
    t.regex(wrong.stderr, /^ {2}--limit must be/m);
    t.regex(wrong.stderr, /^ {2}--route has the character space/m);
  }
});

test('a database that is away is 6, with or without --follow', async (t) => {
  const url = ['--database-url', 'postgres://weir:secret@127.0.0.1:1/weir'];
  const runs = await Promise.all([weir(['events', ...url]), weir(['events', '--follow', ...url])]);
  for (const { exitCode, stderr } of runs) {
    t.is(exitCode, 6);
    t.regex(stderr, /not reachable/);
    t.false(stderr.includes('secret'));
  }
});

test('with --follow events are one line each as they come, and Ctrl-C ends it with 0', async (t) => {
  const { run, database } = await onDatabase();
  await run(...CREATE);
  const { child, lines, exited } = followOn(t, database, ['--json']);
  t.like(JSON.parse((await lines.next()).value ?? ''), { seq: 1, type: 'route.created' });
  await run('route', 'delete', 'www.example.com');
  t.like(JSON.parse((await lines.next()).value ?? ''), { seq: 2, type: 'route.deleted' });
  child.kill('SIGINT');
  t.true((await lines.next()).done);
  t.deepEqual(await exited, [0, null]);
});

test('with --follow people read a line for each, without what a terminal would obey', async (t) => {
  const { run, database } = await onDatabase();
  await run(...CREATE, '--actor', 'ada', '--reason', 'launch');
  await query(
    database.controlUrl,
    `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
     values ('strange', 1, 'strange', 1, '{}', E'mallory\\x1b[2J')`,
  );
  const { lines } = followOn(t, database, []);
  t.regex((await lines.next()).value ?? '', /^ {5}1 {2}\S+Z {2}route\.created .* ada .* → .*\(launch\)$/);
  t.regex((await lines.next()).value ?? '', /^ {5}2 .* mallory\ufffd\[2J {2}cannot be read: /);
});

test('with --follow the end of the reader ends it with 0', async (t) => {
  const { run, database } = await onDatabase();
  await run(...CREATE);
  const { child, lines, exited } = followOn(t, database, []);
  await lines.next();
  child.stdout?.destroy();
  await run('route', 'delete', 'www.example.com');
  t.deepEqual(await exited, [0, null]);
});

test('events that stand aside are listed, retried and given up', async (t) => {
  const { run, database } = await onDatabase();
  t.is((await run('events', 'failed')).stdout, 'No event is set aside.\n');
  t.is((await run('events', 'retry', '--all')).stdout, 'No event is set aside.\n');
  await query(database.adminUrl, 'alter table weir.routes add constraint c check (backend_port <> 8443)');
  t.is((await run(...CREATE)).exitCode, 1);

  const failed = await run('events', 'failed');
  t.is(failed.exitCode, 0, failed.stderr);
  t.regex(failed.stdout, /^ +1 .* route\.created +route\/tls\/www\.example\.com .*constraint "c"/m);
  const again = await run('events', 'retry', '1', '--json');
  t.is(again.exitCode, 1);
  t.like(JSON.parse(again.stdout), { length: 1, 0: { seq: 1, outcome: 'failed' } });
  t.like(JSON.parse(again.stderr), { error: { code: 'failed' } });

  await query(database.adminUrl, 'alter table weir.routes drop constraint c');
  const mended = await run('events', 'retry', '1');
  t.is(mended.exitCode, 0, mended.stderr);
  t.is(mended.stdout, '1 route/tls/www.example.com is projected, revision 1\n');
  t.deepEqual(JSON.parse((await run('events', 'failed', '--json')).stdout), []);

  await query(database.adminUrl, 'alter table weir.routes add constraint c check (backend_port <> 13)');
  await run('route', 'update', 'www.example.com', '--backend-port', '13');
  await run('route', 'update', 'www.example.com', '--backend-port', '14');
  const superseded = await run('events', 'retry', '--all');
  t.is(superseded.exitCode, 0, superseded.stderr);
  t.is(superseded.stdout, '2 route/tls/www.example.com is given up: superseded by event 3\n');
});

test('what is not set aside is 3, what is no number 5, and nothing named or too much is 2', async (t) => {
  const { run } = await onDatabase();
  const runs = await Promise.all([
    run('events', 'retry', '7'),
    run('events', 'retry', 'seven'),
    run('events', 'retry'),
    run('events', 'retry', '7', '--all'),
    run('events', 'faild'),
  ]);
  t.deepEqual(
    runs.map(({ exitCode }) => exitCode),
    [3, 5, 2, 2, 2],
  );
  t.regex(runs[0]?.stderr ?? '', /^error: event 7 is not set aside; nothing was retried\n$/);
  t.regex(runs[1]?.stderr ?? '', /^ {2}SEQ must be the number of an event$/m);
  t.regex(runs[2]?.stderr ?? '', /^error: name events, or say --all\n/);
});

async function onDatabase() {
  const database = await postgres.createDatabase();
  const run = (...args: string[]): Promise<Run> =>
    weir(args, { env: { WEIR_DATABASE_URL: database.controlUrl } });
  return { database, run };
}

/** `weir events --follow` as a process, and its lines. */
function followOn(t: ExecutionContext, { controlUrl }: TestDatabase, args: readonly string[]) {
  const child: ChildProcess = spawn(
    process.execPath,
    [weirEntry, 'events', '--follow', '--database-url', controlUrl, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  if (child.stdout === null) throw new Error('there is a pipe');
  return { child, exited, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}
