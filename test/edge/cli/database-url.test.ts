import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type DatabaseUrl, findDatabase } from '../../../edge/cli/database-url.ts';
import { writeDatabaseFile } from '../../../routing/control/embedded/database-file.ts';

const NO_PROCESS = 2 ** 22 + 1; // above the kernel's largest pid_max

test('the command line beats the environment, and the environment beats the state directory', async (t) => {
  const stateDir = await makeStateDir(t);
  const env = { WEIR_DATABASE_URL: 'postgres://variable/weir', WEIR_STATE_DIR: stateDir };

  t.is(urlOf(t, await find({ databaseUrl: 'postgres://flag/weir', stateDir }, env)), 'postgres://flag/weir');
  t.is(urlOf(t, await find({ stateDir }, env)), 'postgres://control/weir');
  t.is(urlOf(t, await find({}, env)), 'postgres://variable/weir');
  t.is(urlOf(t, await find({}, { WEIR_STATE_DIR: stateDir })), 'postgres://control/weir');
});

test('who changes the schema connects as the administrator', async (t) => {
  const stateDir = await makeStateDir(t);

  const found = await findDatabase({ role: 'admin', options: { stateDir }, env: {} });

  t.is(urlOf(t, found), 'postgres://admin/weir');
});

test('a file can hold the URL, with a line break at its end', async (t) => {
  const file = join(await makeDirectory(t), 'url');
  await writeFile(file, 'postgres://file/weir\n');

  t.is(urlOf(t, await find({}, { WEIR_DATABASE_URL_FILE: file })), 'postgres://file/weir');
});

test('a variable and its file at once are one too many', async (t) => {
  const env = { WEIR_DATABASE_URL: 'postgres://variable/weir', WEIR_DATABASE_URL_FILE: '/run/secrets/url' };

  t.like(await find({}, env), { kind: 'failed', failure: { code: 'invalid' } });
});

test('a file that cannot be read is named', async (t) => {
  const found = await find({}, { WEIR_DATABASE_URL_FILE: '/nowhere/url' });

  t.like(found, {
    failure: {
      code: 'invalid',
      problems: [{ field: 'WEIR_DATABASE_URL_FILE', problem: 'names /nowhere/url, which does not exist' }],
    },
  });
});

test('an empty variable is as good as none', async (t) => {
  const stateDir = await makeStateDir(t);
  const env = { WEIR_DATABASE_URL: '', WEIR_DATABASE_URL_FILE: '', WEIR_STATE_DIR: stateDir };

  t.is(urlOf(t, await find({}, env)), 'postgres://control/weir');
});

test('a URL that is not one is refused without being repeated', async (t) => {
  const found = await find({ databaseUrl: 'mysql://user:secret@host/weir' }, {});

  t.like(found, { failure: { code: 'invalid' } });
  t.false(JSON.stringify(found).includes('secret'));
});

test('nothing found names the three ways', async (t) => {
  const found = await find({ stateDir: await makeDirectory(t) }, {});

  t.is(found.kind, 'failed');
  if (found.kind !== 'failed') return;
  t.is(found.failure.code, 'database-unavailable');
  for (const way of ['--database-url', 'WEIR_DATABASE_URL', '--state-dir'])
    t.true(found.failure.next?.includes(way));
});

test('a database that is no longer running is said to be that', async (t) => {
  const stateDir = await makeStateDir(t, NO_PROCESS);

  const found = await find({ stateDir }, {});

  t.like(found, { failure: { code: 'database-unavailable' } });
  t.true(found.kind === 'failed' && found.failure.message.includes('is not running'));
});

test('a broken database.json is said to be that', async (t) => {
  const stateDir = await makeDirectory(t);
  await writeFile(join(stateDir, 'database.json'), '{"controlUrl": 7}');

  t.like(await find({ stateDir }, {}), { failure: { code: 'database-unavailable' } });
});

function find(
  options: { databaseUrl?: string; stateDir?: string },
  env: NodeJS.ProcessEnv,
): Promise<DatabaseUrl> {
  return findDatabase({ role: 'control', options, env });
}

function urlOf(t: ExecutionContext, found: DatabaseUrl): string | null {
  t.is(found.kind, 'found');
  return found.kind === 'found' ? found.url : null;
}

async function makeStateDir(t: ExecutionContext, pid = process.pid): Promise<string> {
  const stateDir = await makeDirectory(t);
  writeDatabaseFile(stateDir, {
    controlUrl: 'postgres://control/weir',
    edgeUrl: 'postgres://edge/weir',
    adminUrl: 'postgres://admin/weir',
    pid,
  });
  return stateDir;
}

async function makeDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'weir-cli-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}
