import test from 'ava';
import { type Run, weir } from '../../support/command-line.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { fileScope } from '../../support/scope.ts';

const scope = fileScope(test);
let postgres: TestPostgres;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
});

test('addresses of the pool are allocated within the quota, listed, released and cooled down', async (t) => {
  const run = await onDatabase();
  const allocate = ['address', 'allocate', '--org'];

  const nowhere = await run(...allocate, 'acme');
  t.is(nowhere.exitCode, 5);
  t.regex(
    nowhere.stderr,
    /^ {2}--address .* no pool is defined; define one with `weir address pool RANGE …`$/m,
  );

  const pool = await run('address', 'pool', '203.0.113.9', '203.0.113.4/30');
  t.is(pool.stdout, 'Addresses 203.0.113.4-203.0.113.7, 203.0.113.9 can be allocated\n', pool.stderr);
  t.is(
    (await run('address', 'list')).stdout,
    'No addresses are allocated. "weir address allocate --help" shows how to take one.\n',
  );

  const lowest = await run(...allocate, 'acme');
  t.is(lowest.stdout, 'Allocated 203.0.113.4 to acme\n', lowest.stderr);
  const second = await run(...allocate, 'acme');
  t.is(second.exitCode, 7);
  t.is(
    second.stderr,
    'error: the org acme has 1 dedicated address, and its quota is 1; release one, or raise it with `weir policy set --org acme --addresses N`\n',
  );
  t.is((await run('policy', 'set', '--org', 'acme', '--addresses', '2')).exitCode, 0);
  const named = await run(...allocate, 'acme', '--address', '203.0.113.9', '--json');
  t.like(JSON.parse(named.stdout), { address: '203.0.113.9', org: 'acme', isReplay: false });

  const taken = await run(...allocate, 'other', '--address', '203.0.113.9');
  t.is(taken.exitCode, 4);
  t.is(taken.stderr, 'error: 203.0.113.9 is taken by the org acme\n');
  t.regex(
    (await run('address', 'list')).stdout,
    /^ADDRESS +ORG +REVISION +UPDATED\n203\.0\.113\.4 +acme +\d+ /,
  );
  t.like(JSON.parse((await run('address', 'list', '--org', 'acme', '--json')).stdout), [
    { address: '203.0.113.4' },
    { address: '203.0.113.9' },
  ]);
  t.deepEqual(JSON.parse((await run('address', 'list', '--org', 'other', '--json')).stdout), []);

  const before = Date.now();
  const released = await run('address', 'release', '203.0.113.4');
  const [, until = ''] =
    /^Released 203\.0\.113\.4 of acme; it is kept from other orgs until (\S+)\n$/.exec(released.stdout) ?? [];
  t.true(Math.abs(Date.parse(until) - before - 86_400_000) < 60_000, released.stdout + released.stderr);
  t.is((await run('address', 'release', '203.0.113.4')).exitCode, 3);

  const cooling = await run(...allocate, 'other', '--address', '203.0.113.4');
  t.is(cooling.exitCode, 4);
  t.true(cooling.stderr.includes(`is kept from others until ${until}; try again then, or take another`));
  t.is((await run(...allocate, 'other')).stdout, 'Allocated 203.0.113.5 to other\n');
  t.is((await run(...allocate, 'acme')).stdout, 'Allocated 203.0.113.4 to acme\n');
});

test('what is no address, no range or not of the pool is 5 by the name that was typed', async (t) => {
  const run = await onDatabase();
  t.is((await run('address', 'pool', '203.0.113.0/30')).exitCode, 0);
  const [outside, six, release, word, block, overlap] = await Promise.all([
    run('address', 'allocate', '--org', 'acme', '--address', '198.51.100.1'),
    run('address', 'allocate', '--org', 'Acme', '--address', 'fd00::1'),
    run('address', 'release', 'here'),
    run('address', 'pool', '203.0.113.1-here'),
    run('address', 'pool', '203.0.113.1/30'),
    run('address', 'pool', '203.0.113.0/30', '203.0.113.2-203.0.113.9'),
  ]);
  t.deepEqual(
    [outside, six, release, word, block, overlap].map(({ exitCode }) => exitCode),
    [5, 5, 5, 5, 5, 5],
  );
  t.regex(outside.stderr, /^ {2}--address must be in the pool, which is 203\.0\.113\.0-203\.0\.113\.3$/m);
  t.regex(six.stderr, /^ {2}--address is not an IPv4 address$/m);
  t.regex(six.stderr, /^ {2}--org must be/m);
  t.regex(release.stderr, /^ {2}ADDRESS is not an IPv4 address$/m);
  t.regex(word.stderr, /^ {2}RANGE has "203\.0\.113\.1-here", which is not an IPv4/m);
  t.regex(
    block.stderr,
    /^ {2}RANGE has "203\.0\.113\.1\/30", which does not begin a \/30; write 203\.0\.113\.0\/30$/m,
  );
  t.regex(overlap.stderr, /^ {2}RANGE has 203\.0\.113\.0-203\.0\.113\.3 and .*, which overlap$/m);
});

/** `weir` on a database of the test's own. */
async function onDatabase(): Promise<(...args: readonly string[]) => Promise<Run>> {
  const { controlUrl } = await postgres.createDatabase();
  return (...args) => weir(args, { env: { WEIR_DATABASE_URL: controlUrl } });
}

test('pools are shown where nothing is said of them', async (t) => {
  const run = await onDatabase();
  t.regex((await run('port', 'pool')).stdout, /^No pool is defined: /);
  t.regex((await run('address', 'pool')).stdout, /^No pool is defined, so /);
  t.is((await run('port', 'pool', '20000-20099')).exitCode, 0);
  t.is((await run('address', 'pool', '203.0.113.0/31', '203.0.113.9')).exitCode, 0);
  t.is((await run('port', 'pool')).stdout, 'Ports 20000 to 20099 can be allocated\n');
  t.is(
    (await run('address', 'pool')).stdout,
    'Addresses 203.0.113.0-203.0.113.1, 203.0.113.9 can be allocated\n',
  );
  t.like(JSON.parse((await run('port', 'pool', '--json')).stdout), { first: 20_000, last: 20_099 });
});
