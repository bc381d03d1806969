import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { isAlive } from '../../bench/measure/process-tree.ts';
import type { WrittenConfig } from '../../config/schema.ts';
import { ControlPlane } from '../support/control-plane.ts';
import { startEdge } from '../support/edge.ts';
import { freePorts } from '../support/free-ports.ts';
import { makeStateDir, query, startTestPostgres, type TestPostgres } from '../support/postgres.ts';
import { fileScope, testScope } from '../support/scope.ts';
import { startTestServer } from '../support/tcp.ts';
import { echoOnce, startTlsBackend } from '../support/tls.ts';
import { WeirProcess } from '../support/weir-process.ts';

const scope = fileScope(test);
let postgres: TestPostgres;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
});

test('a port that is taken ends the start with 1, the message, and nothing left running', async (t) => {
  const { port } = await startTestServer(t, { address: '::' });
  const { weir, stateDir } = up(t, { listeners: [{ name: 'tls', kind: 'tls', address: `[::]:${port}` }] });
  await weir.line(/embedded PostgreSQL is up/);
  const processes = weir.processes();
  t.deepEqual(await weir.exit(), { code: 1, signal: null });
  t.true(weir.lines.some((line) => line.includes(`[::]:${port}: another program has the port`)));
  t.deepEqual(processes.filter(isAlive), []);
  t.false(readdirSync(stateDir).includes('database.json'));
  t.deepEqual(
    weir.entries().filter(({ level }) => level === 'warn'),
    [],
  );
});

test('an admin port that is taken ends the start with 1 and the message', async (t) => {
  const { port } = await startTestServer(t);
  const { edgeUrl } = await postgres.createDatabase();
  const { weir } = up(t, { database: { url: edgeUrl }, admin: { address: `127.0.0.1:${port}` } });
  t.deepEqual(await weir.exit(), { code: 1, signal: null });
  t.true(weir.lines.some((line) => line.includes(`127.0.0.1:${port}: another program has the port`)));
});

test('an address that no interface has ends the start with 1 and says so', async (t) => {
  const { edgeUrl } = await postgres.createDatabase();
  const listener = { name: 'tls', kind: 'tls', address: '[2001:db8::1]:0' } as const;
  const { weir } = up(t, { database: { url: edgeUrl }, listeners: [listener] });
  t.deepEqual(await weir.exit(), { code: 1, signal: null });
  t.true(weir.lines.some((line) => line.includes('no interface of this machine has the address')));
});

const NOBODY = 65_534;
const PRIVILEGED_PORT = 999;

test('a privileged port without the right ends the start with 1, and says what to do', async (t) => {
  const lowest = readOr('/proc/sys/net/ipv4/ip_unprivileged_port_start', '1024');
  if (Number(lowest) <= PRIVILEGED_PORT) {
    t.log(`this machine has no privileged ports: they start below ${lowest}`);
    t.pass();
    return;
  }
  const { edgeUrl } = await postgres.createDatabase();
  const listener = { name: 'tls', kind: 'tls', address: `[::]:${PRIVILEGED_PORT}` } as const;
  const settings = { database: { url: edgeUrl }, listeners: [listener] };
  const { weir } = up(t, settings, process.getuid?.() === 0 ? NOBODY : undefined);
  t.deepEqual(await weir.exit(), { code: 1, signal: null });
  t.true(weir.lines.some((line) => line.includes('ports below 1024 need root or CAP_NET_BIND_SERVICE')));
});

for (const { fact, databaseUrl, says } of [
  {
    fact: 'no database',
    databaseUrl: async () => `postgres://weir:secret@127.0.0.1:${await freePorts(1)}/weir`,
    says: /not reachable/,
  },
  {
    fact: 'a wrong password',
    databaseUrl: async () =>
      Object.assign(new URL((await postgres.createDatabase()).edgeUrl), { password: 'secret' }).href,
    says: /does not accept this user and password/,
  },
  {
    fact: 'a database without the schema',
    databaseUrl: async () => {
      await query(postgres.server.adminUrl, 'create database never_migrated');
      return Object.assign(new URL(postgres.server.edgeUrl), { pathname: '/never_migrated' }).href;
    },
    says: /weir database migrate/,
  },
  {
    fact: 'a newer schema',
    databaseUrl: async () => {
      const { adminUrl, edgeUrl } = await postgres.createDatabase();
      await query(adminUrl, `insert into weir.migrations (name, run_on) values ('9999_later', now())`);
      return edgeUrl;
    },
    says: /schema version 9999.*upgrade this weir/,
  },
]) {
  test(`${fact}, and no snapshot to serve from, ends the start with 6`, async (t) => {
    const { weir } = up(t, { database: { url: await databaseUrl() } });
    t.deepEqual(await weir.exit(), { code: 6, signal: null });
    const error = weir.lines.find((line) => line.startsWith('error:')) ?? '';
    t.regex(error, says);
    t.false(weir.lines.join().includes('secret'));
  });
}

test('a wrong configuration ends the start with 5 and every problem, each with its line', async (t) => {
  const stateDir = stateDirFor(t);
  const file = join(stateDir, 'weir.yaml');
  writeFileSync(file, 'databse: embedded\ntimeouts:\n  idle: 5\nworkers: many\n');
  const weir = new WeirProcess(testScope(t), {
    args: ['up', '--config', file],
    env: { WEIR_LIMITS_CONECTIONS: '1' },
  });
  t.deepEqual(await weir.exit(), { code: 5, signal: null });
  const said = weir.lines.join('\n');
  t.regex(said, /weir\.yaml:1:1 databse:.*did you mean "database"/);
  t.regex(said, /weir\.yaml:3:3 timeouts\.idle:/);
  t.regex(said, /weir\.yaml:4:1 workers:/);
  t.regex(said, /WEIR_LIMITS_CONECTIONS.*did you mean WEIR_LIMITS_CONNECTIONS/);
});

test('a corrupt snapshot is set aside, and the start goes on from the database', async (t) => {
  const stateDir = stateDirFor(t);
  writeFileSync(join(stateDir, 'last-known-good.jsonl'), 'half of a sna');
  const { controlUrl, edgeUrl } = await postgres.createDatabase();
  const plane = await ControlPlane.open(testScope(t), controlUrl);
  const backend = await startTlsBackend(testScope(t));
  const revision = await plane.serve('app.system.test', { process: 'app', backendPort: backend.port });

  const edge = await startEdge(testScope(t), { databaseUrl: edgeUrl, stateDir });
  const line = await edge.weir.entry((entry) => /last-known-good/.test(String(entry['msg'])));
  t.is(line['level'], 'error');
  t.is(readFileSync(String(line['movedTo']), 'utf8'), 'half of a sna');
  await edge.applied(revision);
  await echoOnce({ port: edge.tlsPort, serverName: 'app.system.test' });
});

test('with a corrupt snapshot and no database there is nothing to serve from', async (t) => {
  const stateDir = stateDirFor(t);
  writeFileSync(join(stateDir, 'last-known-good.jsonl'), '');
  const { weir } = up(t, { state_dir: stateDir, database: { url: 'postgres://weir@127.0.0.1:1/weir' } });
  t.deepEqual(await weir.exit(), { code: 6, signal: null });
});

test('a second weir on the same state directory is refused, and the first goes on', async (t) => {
  const edge = await startEdge(testScope(t), { workers: 1 });
  const { weir } = up(t, { state_dir: edge.stateDir });
  t.deepEqual(await weir.exit(), { code: 1, signal: null });
  t.true(weir.lines.some((line) => line.includes(`another weir (process ${edge.weir.pid})`)));
  t.is((await edge.get('/readyz')).status, 200);
});

/** Starts an edge that is not expected to come up. */
function up(t: ExecutionContext, settings: WrittenConfig, uid?: number) {
  const stateDir = settings.state_dir ?? stateDirFor(t);
  if (uid !== undefined) chownSync(stateDir, uid, uid);
  const config: WrittenConfig = {
    workers: '1',
    state_dir: stateDir,
    database: 'embedded',
    listeners: [{ name: 'tls', kind: 'tls', address: '[::]:0' }],
    admin: { address: '127.0.0.1:0' },
    ...settings,
  };
  const file = join(stateDirFor(t), 'weir.yaml');
  writeFileSync(file, JSON.stringify(config));
  const weir = new WeirProcess(testScope(t), {
    args: ['up', '--config', file],
    ...(uid === undefined ? {} : { uid }),
  });
  return { weir, stateDir };
}

function stateDirFor(t: ExecutionContext): string {
  const stateDir = makeStateDir();
  chmodSync(stateDir, 0o755);
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return otherwise;
  }
}
