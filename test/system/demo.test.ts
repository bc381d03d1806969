import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { isAlive, type SeenProcess } from '../../bench/measure/process-tree.ts';
import { freePorts } from '../support/free-ports.ts';
import { makeStateDir } from '../support/postgres.ts';
import { testScope } from '../support/scope.ts';
import { connect, readAll } from '../support/tcp.ts';
import { until, within } from '../support/until.ts';
import { WeirProcess } from '../support/weir-process.ts';

const CHECKOUT = join(import.meta.dirname, '../..');
const READY = /^Ctrl-C ends everything/;

test.serial(
  'what the demo prints works as it is printed, Ctrl-C ends all of it, and a second start reuses it',
  async (t) => {
    const place = await makePlace(t);
    const first = start(t, place);
    await first.line(READY);

    const commands = first.lines.filter((line) => line.startsWith('    ')).map((line) => line.trim());
    t.true(commands.length >= 12, commands.join('\n'));
    for (const command of commands) {
      const missing = toolsOf(command).filter((tool) => !isInstalled(tool));
      if (missing.length > 0)
        t.log(`not run, since ${missing.join(' and ')} is not on this machine: ${command}`);
      else t.regex(await run(t, command), expectedOf(command), command);
    }
    for (const address of ['::1', '127.0.0.1']) {
      const page = await getPage(place, address, 'app.demo.test');
      t.regex(page, /Hello from instance web-[12]/);
      t.true(page.includes(`client          ${address} port `), page);
    }
    const echoPort = echoPortOf(commands);
    t.is(await echo(t, echoPort), 'weir demo echo: say something\nhello\n');
    await endsCleanly(t, first, place);

    const second = start(t, place);
    await second.line(READY);
    t.is(echoPortOf(second.lines), echoPort);
    t.is(await echo(t, echoPort), 'weir demo echo: say something\nhello\n');
    if (isInstalled('npx')) t.regex(await getPage(place, '::1', 'second.demo.test'), /Hello from instance/);
    await endsCleanly(t, second, place);
  },
);

test.serial('Ctrl-C during the start leaves nothing, and the next start works', async (t) => {
  const place = await makePlace(t);
  const isThere = (name: string) => readdirSync(place.stateDir).some((entry) => entry.startsWith(name));
  const moments: readonly ((weir: WeirProcess) => Promise<unknown>)[] = [
    // initdb, which is in the terminal's process group and ends of the signal too.
    () => until('initdb', () => isThere('postgres.init-')),
    () => until('the database', () => isThere('database.json')),
    (weir) => weir.line(/^PostgreSQL and the edge are up/),
  ];
  for (const [at, untilThen] of moments.entries()) {
    const weir = start(t, place);
    const seen = watchProcesses(t, weir);
    await untilThen(weir);
    weir.interrupt();
    t.deepEqual(await weir.exit(), { code: 0, signal: null }, `at moment ${at}`);
    t.true(seen.length > 1);
    t.deepEqual(seen.filter(isAlive), []);
    t.false(isThere('database.json') || isThere('postgres.init-') || isThere('weir.lock'));
  }
  const weir = start(t, place);
  await weir.line(READY);
  await endsCleanly(t, weir, place);
});

test.serial(
  'a demo that was killed leaves workers that end by themselves, and a state that goes on',
  async (t) => {
    const place = await makePlace(t);
    const killed = start(t, place);
    await killed.line(READY);
    const processes = killed.processes();
    const { pid } = JSON.parse(readFileSync(join(place.stateDir, 'database.json'), 'utf8'));
    killed.kill('SIGKILL');
    await killed.exit();

    const next = start(t, place);
    await next.line(READY);
    // The old server was ended for the sake of the data, which two must not have.
    await until('every process of before has ended', () => processes.every((each) => !isAlive(each)));
    t.true(processes.some((each) => each.pid === pid));
    t.regex(await getPage(place, '::1', 'app.demo.test'), /Hello from instance/);
    await endsCleanly(t, next, place);
  },
);

interface Place {
  readonly stateDir: string;
  readonly tlsPort: number;
}

/** The demo needs this many ports: TLS, HTTP, admin, and raw ones. */
const PORTS = 6;

async function makePlace(t: ExecutionContext): Promise<Place> {
  const stateDir = makeStateDir();
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  return { stateDir, tlsPort: await freePorts(PORTS) };
}

function start(t: ExecutionContext, { stateDir, tlsPort }: Place): WeirProcess {
  const ports = ['--tls-port', tlsPort, '--http-port', tlsPort + 1, '--admin-port', tlsPort + 2];
  const raw = ['--tcp-ports', `${tlsPort + 3}-${tlsPort + PORTS - 1}`];
  return new WeirProcess(testScope(t), {
    args: ['demo', '--state-dir', stateDir, ...ports.map(String), ...raw],
    env: { WEIR_WORKERS: '2', WEIR_TIMEOUTS_DRAIN: '100ms' },
    cwd: CHECKOUT,
    hasOwnGroup: true,
  });
}

async function endsCleanly(t: ExecutionContext, weir: WeirProcess, { stateDir }: Place): Promise<void> {
  const processes = weir.processes();
  t.true(processes.length > 3);
  weir.interrupt();
  t.deepEqual(await weir.exit(), { code: 0, signal: null });
  t.deepEqual(processes.filter(isAlive), []);
  t.false(existsSync(join(stateDir, 'database.json')));
  const alarming = weir
    .entries()
    .filter(({ level, msg }) => level !== 'info' && !isExpected.test(String(msg)));
  t.deepEqual(alarming, []);
}

/** After a kill, the next start says what it found. */
const isExpected = /left behind/;

/** Every process that it has had since, as far as a look now and then shows. */
function watchProcesses(t: ExecutionContext, weir: WeirProcess): readonly SeenProcess[] {
  const seen: SeenProcess[] = [];
  const look = setInterval(() => {
    for (const each of weir.processes()) if (!seen.some(({ pid }) => pid === each.pid)) seen.push(each);
  }, 5);
  t.teardown(() => clearInterval(look));
  return seen;
}

/** What a printed command shows when it works. */
function expectedOf(command: string): RegExp {
  if (command.includes('nobody.demo.test')) return /unrecognized name|alert number 112/;
  if (command.startsWith('curl -i')) return /^HTTP\/1\.1 301 .*^location: https:\/\/app\.demo\.test:\d+\//ms;
  if (command.startsWith('node -e')) return /say something\nhello/;
  if (command.includes('route create')) return /^Created tls second\.demo\.test/m;
  if (command.includes('route show')) return /second\.demo\.test/;
  if (command.includes('endpoint list')) return /web-1.*web-2/s;
  if (command.includes('endpoint report')) return /web-2/;
  if (command.endsWith('/routes')) return /"routes":\[/;
  if (command.includes('/metrics')) return /^weir_/m;
  return /Hello from instance web-[12]/;
}

function toolsOf(command: string): readonly string[] {
  return ['curl', 'openssl', 'node', 'npx', 'grep'].filter((tool) =>
    new RegExp(`(?:^|\\| )${tool} `).test(command),
  );
}

function isInstalled(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => existsSync(join(directory, tool)));
}

/** As somebody types it, in the checkout; both outputs together, since openssl and curl tell much on the second. */
async function run(t: ExecutionContext, command: string): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('WEIR_'));
  const shell = spawn('/bin/sh', ['-c', `(${command}) 2>&1`], {
    cwd: CHECKOUT,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.teardown(() => shell.kill('SIGKILL'));
  return within(`the end of ${command}`, text(shell.stdout), 30_000);
}

function echoPortOf(lines: readonly string[]): number {
  const [, port] = /\.connect\((\d+),/.exec(lines.find((line) => line.includes('node -e')) ?? '') ?? [];
  return Number(port);
}

async function echo(t: ExecutionContext, port: number): Promise<string> {
  const client = await connect(t, { address: '127.0.0.1', port });
  client.end('hello\n');
  return (await within('the echo', readAll(client))).toString();
}

/** What curl does, for machines that have none. */
async function getPage({ stateDir, tlsPort }: Place, address: string, host: string): Promise<string> {
  const ca = readFileSync(join(stateDir, 'demo-ca.pem'));
  const socket = tls.connect({ port: tlsPort, host: address, servername: host, ca });
  await within('the handshake', once(socket, 'secureConnect'));
  socket.write(`GET / HTTP/1.1\r\nhost: ${host}:${tlsPort}\r\nconnection: close\r\n\r\n`);
  return within('the page', text(socket));
}
