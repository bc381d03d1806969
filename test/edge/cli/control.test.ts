import test from 'ava';
import { type Run, weir } from '../../support/command-line.ts';
import { query, startTestPostgres, type TestDatabase, type TestPostgres } from '../../support/postgres.ts';

const SERVICE = ['--org', 'acme', '--app', 'shop', '--env', 'production', '--process', 'web'];

let postgres: TestPostgres;
const endings: (() => Promise<void>)[] = [];

test.before(async () => {
  postgres = await startTestPostgres({ after: (end) => endings.push(end) });
});

test.after.always(async () => {
  for (const end of endings) await end();
});

test('a route is created, listed, shown, updated and deleted', async (t) => {
  const run = await onDatabase();

  const created = await run('route', 'create', 'WWW.Example.com.', ...SERVICE, '--backend-port', '8443');
  t.is(created.exitCode, 0, created.stderr);
  t.is(created.stdout, 'Created tls www.example.com → acme/shop/production/web port 8443\n');

  const listed = await run('route', 'list');
  t.regex(listed.stdout, /^HOSTNAME +LISTENER +ALPN +SERVICE/);
  t.regex(listed.stdout, /^www\.example\.com +tls +- +acme\/shop\/production\/web +8443/m);

  const shown = await run('route', 'show', 'www.example.com');
  t.is(shown.exitCode, 0, shown.stderr);
  t.regex(shown.stdout, /^ {2}✓ /m);
  t.regex(shown.stdout, /^ {2}✗ /m);

  const updated = await run(
    'route',
    'update',
    'www.example.com',
    '--env',
    'staging',
    '--proxy-protocol',
    'v2',
  );
  t.is(updated.exitCode, 0, updated.stderr);
  t.is(updated.stdout, 'Updated tls www.example.com → acme/shop/staging/web port 8443, PROXY v2\n');

  const deleted = await run('route', 'delete', 'www.example.com');
  t.is(deleted.exitCode, 0, deleted.stderr);
  t.is((await run('route', 'list')).stdout, 'No routes. "weir route create --help" shows how to make one.\n');
});

test('with --json a created route is one document of everything that is known of it', async (t) => {
  const run = await onDatabase();

  const created = await run(
    ...['route', 'create', '*.example.com', ...SERVICE, '--backend-port', '8080'],
    ...['--listener', 'http', '--redirect-https', '--actor', 'ada', '--reason', 'a test', '--json'],
  );

  t.is(created.exitCode, 0, created.stderr);
  t.is(created.stderr, '');
  t.like(JSON.parse(created.stdout), {
    hostname: '*.example.com',
    listener: 'http',
    org: 'acme',
    app: 'shop',
    env: 'production',
    process: 'web',
    backendPort: 8080,
    proxyProtocol: 'none',
    redirectToHttps: true,
    actor: 'ada',
    isReplay: false,
  });

  const back = await run(
    'route',
    'update',
    '*.example.com',
    '--listener',
    'http',
    '--no-redirect-https',
    '--json',
  );
  t.like(JSON.parse(back.stdout), { redirectToHttps: false, backendPort: 8080 });

  const list = JSON.parse((await run('route', 'list', '--listener', 'http', '--json')).stdout);
  t.like(list, { length: 1, 0: { hostname: '*.example.com' } });
  t.deepEqual(JSON.parse((await run('route', 'list', '--org', 'other', '--json')).stdout), []);

  const shown = JSON.parse(
    (await run('route', 'show', '*.example.com', '--listener', 'http', '--json')).stdout,
  );
  t.like(shown, { route: { hostname: '*.example.com' } });
  t.true(Array.isArray(shown.steps));
});

test('a command that is repeated with its idempotency key is carried out once and answered alike', async (t) => {
  const run = await onDatabase();
  const command = [
    'route',
    'create',
    'a.example.com',
    ...SERVICE,
    '--backend-port',
    '1',
    '--idempotency-key',
    'k1',
  ];

  const first = await run(...command, '--json');
  const again = await run(...command, '--json');
  const person = await run(...command);

  t.is(first.exitCode, 0, first.stderr);
  t.deepEqual(JSON.parse(again.stdout), { ...JSON.parse(first.stdout), isReplay: true });
  t.regex(person.stdout, /^Created .* \(done before, by the same idempotency key\)\n$/);
});

test('what does not exist is 3', async (t) => {
  const run = await onDatabase();

  const [deleted, updated, shown, released] = await Promise.all([
    run('route', 'delete', 'gone.example.com', '--json'),
    run('route', 'update', 'gone.example.com', '--env', 'staging'),
    run('route', 'show', 'gone.example.com'),
    run('port', 'release', '20000'),
  ]);

  t.deepEqual([deleted, updated, shown, released].map(exitCode), [3, 3, 3, 3]);
  t.is(deleted.stdout, '');
  t.like(JSON.parse(deleted.stderr), { error: { code: 'not-found', problems: [] } });
  t.regex(shown.stderr, /^error: .*gone\.example\.com/);
});

test('what exists already is 4', async (t) => {
  const run = await onDatabase();
  const create = ['route', 'create', 'www.example.com', ...SERVICE, '--backend-port', '8443'];

  t.is((await run(...create)).exitCode, 0);
  const again = await run(...create);
  const asDocument = await run(...create, '--json');

  t.is(again.exitCode, 4);
  t.regex(again.stderr, /^error: www\.example\.com is already routed/);
  t.like(JSON.parse(asDocument.stderr), { error: { code: 'conflict' } });
});

test('what is not valid is 5, with every problem by the name that was typed', async (t) => {
  const run = await onDatabase();
  const create = [
    'route',
    'create',
    'not a name',
    ...SERVICE,
    '--backend-port',
    '99999',
    '--proxy-protocol',
    'v7',
    '--proxy-tlv',
    'alpn,cn',
  ];

  const person = await run(...create);
  const script = await run(...create, '--json');
  const address = await run('endpoint', 'report', ...SERVICE, '--instance', 'i-1', '--address', 'localhost');
  const port = await run('port', 'release', 'ninety');
  const listener = await run('route', 'list', '--listener', 'udp');

  t.deepEqual([person, script, address, port, listener].map(exitCode), [5, 5, 5, 5, 5]);
  t.regex(person.stderr, /^ {2}HOSTNAME has the character space$/m);
  t.regex(person.stderr, /^ {2}--backend-port must be a whole number/m);
  t.regex(person.stderr, /^ {2}--proxy-protocol must be/m);
  t.regex(person.stderr, /^ {2}--proxy-tlv \[1\] must be alpn, unique-id/m);
  const { error } = JSON.parse(script.stderr);
  t.is(error.code, 'invalid');
  t.deepEqual(
    error.problems.map((each: { field: string }) => each.field),
    ['hostname', 'backendPort', 'proxyProtocol', 'proxyTlvs'],
  );
  t.regex(address.stderr, /^ {2}--address is not an IPv4 or IPv6 address$/m);
  t.regex(port.stderr, /^ {2}PORT must be/m);
});

test('the TLVs of a PROXY header are named, kept and taken away', async (t) => {
  const run = await onDatabase();
  const target = [...SERVICE, '--backend-port', '8443', '--proxy-protocol', 'v2'];
  const created = await run('route', 'create', 'www.example.com', ...target, '--proxy-tlv', 'crc32c,alpn');
  t.regex(created.stdout, /, PROXY v2 \(alpn, crc32c\)$/m, created.stderr);
  const split = await run('route', 'split', 'www.example.com', '--backend', 'shop/production/web:9443');
  t.regex(split.stdout, /, PROXY v2 \(alpn, crc32c\)$/m, split.stderr);
  const updated = await run('route', 'update', 'www.example.com', '--proxy-tlv', 'none');
  t.regex(updated.stdout, /, PROXY v2$/m, updated.stderr);
  const port = await run('port', 'allocate', '--port', '20000', ...target, '--proxy-tlv', 'unique-id');
  t.regex(port.stdout, /, PROXY v2 \(unique-id\)$/m, port.stderr);
});

test('a port is allocated from the pool, listed and released', async (t) => {
  const run = await onDatabase();
  t.is((await run('port', 'pool', '20000-20001')).stdout, 'Ports 20000 to 20001 can be allocated\n');

  const lowest = await run('port', 'allocate', ...SERVICE, '--backend-port', '5432', '--json');
  const named = await run('port', 'allocate', '--port', '20001', ...SERVICE, '--backend-port', '5432');
  const full = await run('port', 'allocate', ...SERVICE, '--backend-port', '5432');
  const taken = await run('port', 'allocate', '--port', '20001', ...SERVICE, '--backend-port', '5432');

  t.like(JSON.parse(lowest.stdout), { port: 20_000, backendPort: 5432, proxyProtocol: 'none', org: 'acme' });
  t.is(named.stdout, 'Allocated port 20001 → acme/shop/production/web port 5432\n');
  t.is(full.exitCode, 4);
  t.is(taken.exitCode, 4);
  t.regex((await run('port', 'list')).stdout, /^20000 +shared +acme\/shop\/production\/web +5432/m);
  t.is((await run('port', 'release', '20000')).exitCode, 0);
  t.like(JSON.parse((await run('port', 'list', '--json')).stdout), { length: 1, 0: { port: 20_001 } });
});

test('a port of a dedicated address is allocated, listed and released by its address', async (t) => {
  const run = await onDatabase();
  const address = ['--address', '203.0.113.7'];
  t.is((await run('address', 'pool', '203.0.113.0/28')).exitCode, 0);
  t.is((await run('address', 'allocate', '--org', 'acme', ...address)).exitCode, 0);
  const allocate = ['port', 'allocate', ...SERVICE, '--backend-port', '5432'];

  const dedicated = await run(...allocate, '--port', '443', ...address);
  const shared = await run(...allocate, '--port', '443', '--json');
  const unnamed = await run(...allocate, ...address);

  t.is(dedicated.stdout, 'Allocated port 443 of 203.0.113.7 → acme/shop/production/web port 5432\n');
  t.like(JSON.parse(shared.stdout), { port: 443, address: null });
  t.is(unnamed.exitCode, 5);
  t.regex(unnamed.stderr, /^ {2}--port is required with a dedicated address$/m);
  t.regex((await run('port', 'list')).stdout, /^ 443 +shared .*\n 443 +203\.0\.113\.7 +acme/m);
  t.like(JSON.parse((await run('port', 'list', ...address, '--json')).stdout), { length: 1 });
  const released = await run('port', 'release', '443', ...address);
  t.is(released.stdout, 'Released port 443 of 203.0.113.7 → acme/shop/production/web port 5432\n');
  t.like(JSON.parse((await run('port', 'list', '--json')).stdout), { length: 1, 0: { address: null } });
});

test('a pool that is not a range is 5', async (t) => {
  const run = await onDatabase();

  const backwards = await run('port', 'pool', '300-200');
  const words = await run('port', 'pool', 'many');

  t.is(backwards.exitCode, 5);
  t.regex(backwards.stderr, /^ {2}LAST must not be below the first$/m);
  t.is(words.exitCode, 5);
});

test('an endpoint is reported ready, not ready and gone', async (t) => {
  const run = await onDatabase();
  const report = ['endpoint', 'report', ...SERVICE, '--instance', 'i-1'];

  const ready = await run(...report, '--address', 'FD00::1');
  t.is(ready.stdout, 'acme/shop/production/web/i-1 at fd00::1 is ready\n');

  const notReady = await run(...report, '--address', 'fd00::1', '--state', 'not-ready', '--json');
  t.like(JSON.parse(notReady.stdout), { instance: 'i-1', address: 'fd00::1', state: 'not-ready' });
  t.regex((await run('endpoint', 'list')).stdout, /^acme\/shop\/production\/web +i-1 +fd00::1 +not-ready/m);

  const gone = await run(...report, '--state', 'gone');
  t.is(gone.exitCode, 0, gone.stderr);
  t.deepEqual(JSON.parse((await run('endpoint', 'list', '--org', 'acme', '--json')).stdout), []);
});

test('the edges are listed with what went wrong on them', async (t) => {
  const database = await postgres.createDatabase();
  await query(
    database.edgeUrl,
    `insert into weir.nodes (node, revision, listeners, errors, started_at)
     values ('edge-1', 0, '[{"name": "tls"}]', '[{"code": "EADDRINUSE"}]', now())`,
  );

  const listed = await on(database, ['node', 'list']);
  const script = await on(database, ['node', 'list', '--json']);

  t.is(listed.exitCode, 0, listed.stderr);
  t.regex(listed.stdout, /^edge-1 +yes/m);
  t.regex(listed.stdout, /^edge-1: .*EADDRINUSE/m);
  t.like(JSON.parse(script.stdout), { length: 1, 0: { node: 'edge-1', isLive: true } });
});

function exitCode(run: Run): number | null {
  return run.exitCode;
}

/** A database of the test's own, and `weir` on it. */
async function onDatabase(): Promise<(...args: string[]) => Promise<Run>> {
  const database = await postgres.createDatabase();
  return (...args) => on(database, args);
}

function on(database: TestDatabase, args: readonly string[]): Promise<Run> {
  return weir(args, { env: { WEIR_DATABASE_URL: database.controlUrl } });
}
