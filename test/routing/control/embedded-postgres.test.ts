import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { isProcessAlive, processIdentity } from '../../../routing/control/embedded/process-identity.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../routing/control/embedded-postgres.ts';
import { makeStateDir, query, silentLog } from '../../support/postgres.ts';

const isRoot = process.getuid?.() === 0;

function stateDirFor(t: ExecutionContext): string {
  const stateDir = makeStateDir();
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

async function start(t: ExecutionContext, stateDir: string, log = silentLog): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ stateDir, log, isDurable: false });
  t.teardown(() => server.stop());
  return server;
}

const PIDS = `select pid from pg_stat_activity where pid <> pg_backend_pid()`;

test('starts, tells where it is, and leaves nothing behind when it is stopped', async (t) => {
  const stateDir = stateDirFor(t);
  const server = await start(t, path.join(stateDir, 'made', 'here'));
  const file = path.join(stateDir, 'made', 'here', 'database.json');
  const { controlUrl, edgeUrl, adminUrl, pid } = server;
  t.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { controlUrl, edgeUrl, adminUrl, pid });
  t.is(statSync(file).mode & 0o777, 0o600);
  const [settings] = await query(
    adminUrl,
    `select current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses,
       current_setting('server_encoding') as encoding, current_setting('unix_socket_directories') as sockets`,
  );
  t.deepEqual(settings, { fsync: 'off', addresses: '127.0.0.1', encoding: 'UTF8', sockets: '' });
  t.deepEqual(await query(edgeUrl, 'select revision from weir.head'), [{ revision: '0' }]);

  // A process group of its own: the terminal's Ctrl-C does not reach it.
  t.notThrows(() => process.kill(-pid, 0));

  const processes = (await query<{ pid: number }>(adminUrl, PIDS)).map((row) => row.pid);
  await server.stop();
  await server.stop();
  t.like(await server.exited, { isExpected: true, code: 0 });
  t.deepEqual([pid, ...processes].filter(isProcessAlive), []);
  t.false(existsSync(file));
  t.false(existsSync(path.join(stateDir, 'made', 'here', 'weir.lock')));
});

test('keeps data, passwords and, where it is free, the port from start to start', async (t) => {
  const stateDir = stateDirFor(t);
  const first = await start(t, stateDir);
  await query(first.adminUrl, 'create table public.kept (); insert into public.kept default values');
  await first.stop();

  const second = await start(t, stateDir);
  t.is(second.controlUrl, first.controlUrl);
  t.is((await query(second.adminUrl, 'select from public.kept')).length, 1);
  await second.stop();

  const squatter = net.createServer().listen(Number(new URL(first.adminUrl).port), '127.0.0.1');
  await once(squatter, 'listening');
  t.teardown(() => squatter.close());
  const third = await start(t, stateDir);
  t.not(third.controlUrl, first.controlUrl);
  t.is((await query(third.adminUrl, 'select from public.kept')).length, 1);
});

test('refuses a second weir on the same state directory, and names the first', async (t) => {
  const stateDir = stateDirFor(t);
  const server = await start(t, stateDir);
  await t.throwsAsync(startEmbeddedPostgres({ stateDir, log: silentLog }), {
    message: new RegExp(`another weir \\(process ${process.pid}\\)`),
  });
  t.deepEqual(await query(server.adminUrl, 'select 1 as one'), [{ one: 1 }]);
});

test('takes over the lock of a process that is gone', async (t) => {
  const stateDir = stateDirFor(t);
  // Our own id, as it would be after it was given out again: started at another time.
  const [pid, ...started] = (processIdentity(process.pid) ?? '').split(' ');
  writeFileSync(path.join(stateDir, 'weir.lock'), `${pid} ${started.join(' ')}1\n`);
  const server = await start(t, stateDir);
  t.deepEqual(await query(server.adminUrl, 'select 1 as one'), [{ one: 1 }]);
});

test('tells when the server has died, and starts it again in the same process', async (t) => {
  const stateDir = stateDirFor(t);
  const first = await start(t, stateDir);
  await query(first.adminUrl, 'create table public.kept ()');
  process.kill(first.pid, 'SIGKILL');
  t.deepEqual(await first.exited, { isExpected: false, code: null, signal: 'SIGKILL' });
  t.false(existsSync(path.join(stateDir, 'database.json')));

  const second = await start(t, stateDir);
  t.deepEqual(await query(second.adminUrl, 'select from public.kept'), []);
  t.is(second.controlUrl, first.controlUrl);
});

/** A weir of its own process, on a state directory. */
async function spawnWeir(t: ExecutionContext, stateDir: string) {
  const source = import.meta.resolve('../../../routing/control/embedded-postgres.ts');
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(source)};
    const log = { info() {}, warn() {}, error() {} };
    const server = await startEmbeddedPostgres({ stateDir: ${JSON.stringify(stateDir)}, log, isDurable: false });
    process.stdout.write(JSON.stringify({ pid: server.pid, adminUrl: server.adminUrl }));`;
  const weir = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => weir.kill('SIGKILL'));
  const [output] = await once(weir.stdout, 'data');
  return { weir, ...JSON.parse(String(output)) } as {
    readonly weir: ChildProcess;
    readonly pid: number;
    readonly adminUrl: string;
  };
}

test('ends with a weir that is killed', async (t) => {
  const stateDir = stateDirFor(t);
  const { weir, pid, adminUrl } = await spawnWeir(t, stateDir);
  await query(adminUrl, 'create table public.kept ()');
  weir.kill('SIGKILL');
  while (isProcessAlive(pid)) await new Promise(setImmediate);

  const server = await start(t, stateDir);
  t.deepEqual(await query(server.adminUrl, 'select from public.kept'), []);
});

test('stops the server that was left behind all the same, and goes on with its data', async (t) => {
  const stateDir = stateDirFor(t);
  const { weir, pid, adminUrl } = await spawnWeir(t, stateDir);
  await query(adminUrl, 'create table public.kept ()');
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' });
  const watchdog = /^ *(\d+) .*weir-watchdog (\d+)$/gm;
  for (const [, id, watched] of processes.matchAll(watchdog)) {
    if (Number(watched) === pid) process.kill(Number(id), 'SIGKILL');
  }
  weir.kill('SIGKILL');
  await once(weir, 'exit');
  t.true(isProcessAlive(pid));

  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_: object, message: string) => warnings.push(message) };
  const server = await start(t, stateDir, log);
  t.false(isProcessAlive(pid));
  t.regex(warnings.join(), /left behind/);
  t.deepEqual(await query(server.adminUrl, 'select from public.kept'), []);
});

test('does not touch a process that has the number of the old server', async (t) => {
  const stateDir = stateDirFor(t);
  const first = await start(t, stateDir);
  await first.stop();
  const bystander = spawn('sleep', ['600'], { stdio: 'ignore' });
  t.teardown(() => bystander.kill());
  const pidFile = path.join(stateDir, 'postgres', 'postmaster.pid');
  writeFileSync(pidFile, `${bystander.pid}\n${path.join(stateDir, 'postgres')}\n`);
  const second = await start(t, stateDir);
  t.deepEqual(await query(second.adminUrl, 'select 1 as one'), [{ one: 1 }]);
  t.is(bystander.exitCode, null);
  t.is(bystander.signalCode, null);
});

test('starts over where it was stopped while it made the database', async (t) => {
  const stateDir = stateDirFor(t);
  mkdirSync(path.join(stateDir, 'postgres.init-0123', 'data', 'base'), { recursive: true });
  const server = await start(t, stateDir);
  t.deepEqual(await query(server.adminUrl, 'select 1 as one'), [{ one: 1 }]);
  t.false(existsSync(path.join(stateDir, 'postgres.init-0123')));
});

test('says what is wrong with a data directory that it cannot serve', async (t) => {
  const stateDir = stateDirFor(t);
  const server = await start(t, stateDir);
  await server.stop();
  const starting = () => startEmbeddedPostgres({ stateDir, log: silentLog });
  const version = path.join(stateDir, 'postgres', 'PG_VERSION');

  writeFileSync(version, '15\n');
  await t.throwsAsync(starting, { message: /made by PostgreSQL 15, this weir brings 18/ });
  rmSync(version);
  await t.throwsAsync(starting, { message: /is not a PostgreSQL data directory/ });
  writeFileSync(version, '18\n');
  rmSync(path.join(stateDir, 'postgres', 'global'), { recursive: true });
  await t.throwsAsync(starting, { message: /ended at once; the end of .*postgres\.log:\n.*global/s });
  rmSync(path.join(stateDir, 'postgres-credentials.json'));
  await t.throwsAsync(starting, { message: /restore postgres-credentials\.json/ });
  t.false(existsSync(path.join(stateDir, 'weir.lock')));
});

(isRoot ? test : test.skip)('as root, keeps the data where its account can reach it', async (t) => {
  const stateDir = stateDirFor(t);
  chmodSync(stateDir, 0o700);
  const infos: { readonly dataDir?: string }[] = [];
  const log = { ...silentLog, info: (fields: object) => infos.push(fields) };
  const server = await start(t, path.join(stateDir, 'state'), log);
  const dataDir = infos.find((fields) => fields.dataDir !== undefined)?.dataDir ?? '';
  t.teardown(() => rmSync(path.dirname(dataDir), { recursive: true, force: true }));
  t.regex(dataDir, /^\/var\/lib\/weir\/[0-9a-f]{16}\/postgres$/);
  t.is(statSync(dataDir).uid, 65_534);
  await server.stop();

  // There it stays, also when the state directory can be reached later.
  chmodSync(stateDir, 0o755);
  await start(t, path.join(stateDir, 'state'));
  t.false(existsSync(path.join(stateDir, 'state', 'postgres')));
});
