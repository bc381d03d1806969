import test from 'ava';
import { type Run, weir } from '../../support/command-line.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { fileScope } from '../../support/scope.ts';

const scope = fileScope(test);
let postgres: TestPostgres;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
});

test('the policy of all orgs is shown before anybody has set it, and changed in parts', async (t) => {
  const run = await onDatabase();
  t.regex(
    (await run('policy', 'show')).stdout,
    /^ORG +PORTS +ADDRESSES +COOL-DOWN +UPDATED\n\(all\) +10 +1 +24h +-\n$/,
  );

  const set = await run('policy', 'set', '--ports', 'none', '--cool-down', '90m');
  t.is(set.stdout, 'Policy of all orgs: ports unlimited, addresses 1, cool-down 90m\n', set.stderr);
  const script = await run('policy', 'set', '--addresses', '3', '--json');
  t.like(JSON.parse(script.stdout), {
    org: null,
    portQuota: 'none',
    addressQuota: 3,
    coolDownMs: 5_400_000,
    isReplay: false,
  });
  t.like(JSON.parse((await run('policy', 'show', '--json')).stdout), {
    length: 1,
    0: { org: null, addressQuota: 3 },
  });
});

test('an org has its own policy where one was set, and that of all orgs elsewhere', async (t) => {
  const run = await onDatabase();
  const set = await run('policy', 'set', '--org', 'acme', '--ports', '25');
  t.is(set.stdout, 'Policy of acme: ports 25, addresses as all orgs\n', set.stderr);

  const listed = await run('policy', 'show');
  t.regex(listed.stdout, /^acme +25 +as all orgs +as all orgs +\d{4}-/m);
  t.is(
    (await run('policy', 'show', '--org', 'acme')).stdout,
    [
      'POLICY     VALUE  OF',
      'ports      25     acme',
      'addresses  1      all orgs',
      'cool-down  24h    all orgs',
      '',
    ].join('\n'),
  );
  const own = JSON.parse((await run('policy', 'show', '--org', 'acme', '--json')).stdout);
  t.like(own, { org: 'acme', portQuota: 25, addressQuota: 1, coolDownMs: 86_400_000 });
  t.like(own.own, { portQuota: 25, addressQuota: 'default' });
  t.like(JSON.parse((await run('policy', 'show', '--org', 'other', '--json')).stdout), {
    portQuota: 10,
    own: null,
  });

  t.is((await run('policy', 'set', '--org', 'acme', '--ports', 'default')).exitCode, 0);
  t.regex((await run('policy', 'show', '--org', 'acme')).stdout, /^ports +10 +all orgs$/m);
});

test('what is not valid is 5 by the option that was typed, and nothing to change is 2', async (t) => {
  const run = await onDatabase();
  const [all, org, coolDown, shown, nothing] = await Promise.all([
    run('policy', 'set', '--ports', 'default', '--addresses', '-1', '--cool-down', '24'),
    run('policy', 'set', '--org', 'acme', '--ports', 'many'),
    run('policy', 'set', '--org', 'acme', '--cool-down', '1h'),
    run('policy', 'show', '--org', 'Acme Inc'),
    run('policy', 'set', '--org', 'acme'),
  ]);
  t.deepEqual(
    [all, org, coolDown, shown, nothing].map(({ exitCode }) => exitCode),
    [5, 5, 5, 5, 2],
  );
  t.regex(all.stderr, /^ {2}--ports must be a whole number from 0 to 1000000, or none$/m);
  t.regex(all.stderr, /^ {2}--addresses must be a whole number/m);
  t.regex(all.stderr, /^ {2}--cool-down "24" has no unit; write 24s/m);
  t.regex(org.stderr, /^ {2}--ports must be a whole number from 0 to 1000000, or none, or default$/m);
  t.regex(coolDown.stderr, /^ {2}--cool-down is the same for all orgs; say it without an org$/m);
  t.regex(shown.stderr, /^ {2}--org must be/m);
  t.is(nothing.stderr, 'error: nothing to change is named\nSee "weir policy set --help".\n');
});

/** `weir` on a database of the test's own. */
async function onDatabase(): Promise<(...args: readonly string[]) => Promise<Run>> {
  const { controlUrl } = await postgres.createDatabase();
  return (...args) => weir(args, { env: { WEIR_DATABASE_URL: controlUrl } });
}
