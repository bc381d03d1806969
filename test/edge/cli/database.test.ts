import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import test from 'ava';
import { startEmbeddedPostgres } from '../../../routing/control/embedded-postgres.ts';
import { weir, weirEntry } from '../../support/command-line.ts';
import {
  makeStateDir,
  query,
  silentLog,
  startTestPostgres,
  type TestPostgres,
} from '../../support/postgres.ts';

let postgres: TestPostgres;
const endings: (() => Promise<void>)[] = [];

test.before(async () => {
  postgres = await startTestPostgres({ after: (end) => endings.push(end) });
});

test.after.always(async () => {
  for (const end of endings) await end();
});

test('an empty database is migrated once, and says so the second time', async (t) => {
  await query(postgres.server.adminUrl, 'create database empty_one');
  const url = Object.assign(new URL(postgres.server.adminUrl), { pathname: '/empty_one' }).href;

  const first = await weir(['database', 'migrate', '--database-url', url]);
  const second = await weir(['database', 'migrate', '--database-url', url]);
  const script = await weir(['database', 'migrate', '--database-url', url, '--json']);

  t.is(first.exitCode, 0, first.stderr);
  t.regex(first.stdout, /^Applied 0001_/);
  t.is(second.stdout, 'The schema is up to date.\n');
  t.deepEqual(JSON.parse(script.stdout), { applied: [] });
});

test('the database of a running weir is found by its state directory, and its end is noticed', async (t) => {
  const stateDir = makeStateDir();
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  const server = await startEmbeddedPostgres({ stateDir, log: silentLog, isDurable: false });
  t.teardown(() => server.stop());

  t.is((await weir(['route', 'list', '--state-dir', stateDir])).exitCode, 0);
  t.is((await weir(['route', 'list'], { env: { WEIR_STATE_DIR: stateDir } })).exitCode, 0);
  t.is((await weir(['database', 'migrate', '--state-dir', stateDir])).stdout, 'The schema is up to date.\n');

  await server.stop();
  t.is((await weir(['route', 'list', '--state-dir', stateDir])).exitCode, 6);
});

test('a database that cannot be used is 6, and the message says what to do', async (t) => {
  const { adminUrl, controlUrl, edgeUrl } = await postgres.createDatabase();
  await query(adminUrl, 'create database empty_two');
  const list = ['route', 'list', '--database-url'];

  const [away, credentials, empty, permission, script] = await Promise.all([
    weir([...list, 'postgres://weir:secret@127.0.0.1:1/weir']),
    weir([...list, Object.assign(new URL(controlUrl), { password: 'secret' }).href]),
    weir([...list, Object.assign(new URL(controlUrl), { pathname: '/empty_two' }).href]),
    weir([...list, edgeUrl]),
    weir([...list, 'postgres://weir:secret@127.0.0.1:1/weir', '--json']),
  ]);

  t.deepEqual(
    [away, credentials, empty, permission, script].map((run) => run.exitCode),
    [6, 6, 6, 6, 6],
  );
  t.regex(away.stderr, /not reachable/);
  t.regex(credentials.stderr, /user and password/);
  t.regex(empty.stderr, /weir database migrate/);
  t.regex(permission.stderr, /weir_control/);
  t.like(JSON.parse(script.stderr), { error: { code: 'database-unavailable', reason: 'unavailable' } });
  for (const { stdout, stderr } of [away, credentials, script])
    t.false(`${stdout}${stderr}`.includes('secret'));
});

test('a projector with the wrong credentials ends at once with 6', async (t) => {
  const url = Object.assign(new URL(postgres.server.controlUrl), { password: 'secret' }).href;

  const { exitCode, stderr } = await weir(['projector', '--database-url', url]);

  t.is(exitCode, 6);
  t.regex(stderr, /user and password/);
});

test('a projector runs until it is told to stop, and ends with 0', async (t) => {
  const { controlUrl } = await postgres.createDatabase();
  const child = spawn(process.execPath, [weirEntry, 'projector', '--database-url', controlUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const messages: string[] = [];

  for await (const line of createInterface(child.stdout)) {
    const { msg } = JSON.parse(line);
    messages.push(msg);
    if (msg === 'the projector is up') child.kill('SIGTERM');
  }

  t.deepEqual(await exited, [0, null]);
  t.deepEqual(messages, ['the projector is up', 'the projector has stopped']);
});
