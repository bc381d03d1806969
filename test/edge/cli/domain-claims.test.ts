import test from 'ava';
import { type Run, weir } from '../../support/command-line.ts';
import { TestDnsServer } from '../../support/dns-server.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { fileScope, testScope } from '../../support/scope.ts';

const scope = fileScope(test);
let postgres: TestPostgres;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
});

test('pending claims are listed with the records that prove them, and are no obstacle to others', async (t) => {
  const run = await onDatabase();
  t.is(
    (await run('domain', 'list')).stdout,
    'No domains. "weir domain claim --help" shows how to get one.\n',
  );
  const mine = JSON.parse((await run('domain', 'claim', 'shop.net', '--org', 'acme', '--json')).stdout);
  t.like(mine, { domain: 'shop.net', org: 'acme', state: 'pending', proof: 'none', isPlatform: false });
  t.deepEqual(mine.challenge, { name: '_weir-challenge.shop.net', value: `weir-verify=${mine.token}` });
  t.is((await run('domain', 'claim', 'shop.net', '--org', 'other')).exitCode, 0);
  t.is((await run('domain', 'claim', 'apps.net', '--org', 'host', '--trusted')).exitCode, 0);

  const listed = await run('domain', 'list');
  t.regex(listed.stdout, /^apps\.net +host +held +trusted +- /m);
  t.regex(listed.stdout, /^shop\.net +acme +pending +- +- /m);
  t.true(
    listed.stdout.includes(
      [
        '',
        'shop.net is pending for acme: publish this record in the DNS',
        `  _weir-challenge.shop.net. 300 IN TXT "weir-verify=${mine.token}"`,
        'then',
        '  weir domain verify shop.net --org acme',
        '',
        'shop.net is pending for other: publish this record in the DNS',
        '',
      ].join('\n'),
    ),
    listed.stdout,
  );
  const script = JSON.parse((await run('domain', 'list', '--org', 'acme', '--json')).stdout);
  t.like(script, [{ domain: 'shop.net', state: 'pending', token: mine.token, challenge: mine.challenge }]);

  const released = await run('domain', 'release', 'shop.net', '--org', 'acme');
  t.is(released.stdout, 'Withdrew the claim of acme to shop.net, which was not proved\n', released.stderr);
  const again = await run('domain', 'release', 'shop.net', '--org', 'other', '--json');
  t.like(JSON.parse(again.stdout), { state: 'released', keptUntil: null, isReplay: false });
  t.is((await run('domain', 'claim', 'shop.net', '--org', 'host', '--trusted')).exitCode, 0);
});

test('a claim that is repeated with its idempotency key stays fit to be copied', async (t) => {
  const run = await onDatabase();
  const claim = ['domain', 'claim', 'shop.net', '--org', 'acme', '--idempotency-key', 'k1'];
  const first = (await run(...claim)).stdout.split('\n');
  const [heading = '', ...rest] = (await run(...claim)).stdout.split('\n');
  t.is(heading, `${first[0]} (done before, by the same idempotency key)`);
  t.deepEqual(rest, first.slice(1));
});

test('the resolver comes from the option, else from the variable, and is named where it is wrong', async (t) => {
  const run = await onDatabase();
  const dns = await TestDnsServer.start(testScope(t));
  const { token } = JSON.parse((await run('domain', 'claim', 'shop.net', '--org', 'acme', '--json')).stdout);
  t.is((await run('domain', 'claim', 'shop.net', '--org', 'other')).exitCode, 0);
  const verify = ['domain', 'verify', 'shop.net', '--org', 'acme'];

  const option = await run(...verify, '--resolver', '1.1.1.1,dns.example');
  t.is(option.exitCode, 5);
  t.regex(option.stderr, /^ {2}--resolver has "dns\.example", which is not an/m);
  const variable = await run.with({ WEIR_RESOLVER: 'dns.example' }, ...verify);
  t.is(variable.exitCode, 5);
  t.regex(variable.stderr, /^ {2}WEIR_RESOLVER has "dns\.example"/m);

  dns.set('_weir-challenge.shop.net', { kind: 'error', code: 'SERVFAIL' });
  const failed = await run(...verify, '--resolver', dns.address);
  t.is(failed.exitCode, 7);
  t.regex(
    failed.stderr,
    /^error: the record could not be looked up: the resolver 127\.0\.0\.1:\d+ could not .*; nothing was changed/,
  );

  dns.setTxt('_weir-challenge.shop.net', `weir-verify=${token}`);
  const verified = await run.with({ WEIR_RESOLVER: dns.address }, ...verify, '--json');
  t.is(verified.exitCode, 0, verified.stderr);
  t.like(JSON.parse(verified.stdout), { state: 'held', proof: 'dns', isReplay: false });

  const late = await run('domain', 'verify', 'shop.net', '--org', 'other', '--resolver', dns.address);
  t.is(late.exitCode, 4);
  t.regex(late.stderr, /^error: shop\.net is held by the org acme; /);
});

test('what no record can prove, and what only the operator can say, is 7', async (t) => {
  const run = await onDatabase();
  const claim = ['domain', 'claim', '--org', 'other'];
  const long = `${`${'a'.repeat(60)}.`.repeat(4)}net`;
  const refusals = await Promise.all([
    run(...claim, 'shop.net', '--platform'),
    run(...claim, 'shop.net', '--skip-cool-down'),
    run(...claim, '*'),
    run(...claim, 'net'),
    run(...claim, long),
    run(...route('*', 'other')),
    run(...route('net', 'other')),
  ]);
  t.deepEqual(
    refusals.map(({ exitCode }) => exitCode),
    [7, 7, 7, 7, 7, 4, 7],
  );
  const vouch = 'the operator can vouch for it, with --trusted';
  t.deepEqual(
    refusals.map(({ stderr }) => stderr),
    [
      'only the operator can open shop.net to all orgs; that takes --trusted',
      'only the operator can give shop.net away before it has cooled down; that takes --trusted',
      `no record can prove *, which is no name; ${vouch}`,
      `no record can prove net, which is a top-level name; ${vouch}`,
      `no record can prove ${long}, which is so long that it leaves no room for one; ${vouch}`,
      '* is held by the org acme; choose another name, or have them release it',
      'the org other does not hold net, which is for the operator to give, with `weir domain claim net --org other --trusted`',
    ].map((message) => `error: ${message}\n`),
  );

  t.is((await run('domain', 'release', '*', '--org', 'acme')).exitCode, 0);
  t.is((await run('policy', 'set', '--cool-down', '0')).exitCode, 0);
  const star = await run(...route('*', 'other'));
  t.is(star.exitCode, 7);
  t.true(star.stderr.includes("with `weir domain claim '*' --org other --trusted`"), star.stderr);
});

test('what is not valid is 5 by the name that was typed, and what was not claimed is 3', async (t) => {
  const run = await onDatabase();
  const [wildcard, both, platform, nobody] = await Promise.all([
    run('domain', 'claim', '*.shop.net', '--org', 'acme'),
    run('domain', 'release', 'shop net', '--org', 'ACME'),
    run('domain', 'claim', '*', '--org', 'acme', '--trusted', '--platform'),
    run('domain', 'verify', 'shop.net', '--org', 'acme'),
  ]);
  t.deepEqual(
    [wildcard, both, platform, nobody].map(({ exitCode }) => exitCode),
    [5, 5, 5, 3],
  );
  t.regex(wildcard.stderr, /^ {2}DOMAIN is a wildcard; a domain has all names below it anyway$/m);
  t.regex(both.stderr, /^ {2}DOMAIN has the character space$/m);
  t.regex(both.stderr, /^ {2}--org must be/m);
  t.regex(platform.stderr, /^ {2}--platform is nothing that \* can be: no name lies below it$/m);
  t.is(nobody.stderr, 'error: the org acme has not claimed shop.net\n');
});

interface RunWeir {
  (...args: readonly string[]): Promise<Run>;
  with(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Run>;
}

/** `weir` on a database of the test's own. */
async function onDatabase(): Promise<RunWeir> {
  const { controlUrl } = await postgres.createDatabase();
  const withEnv: RunWeir['with'] = (env, ...args) =>
    weir(args, { env: { WEIR_DATABASE_URL: controlUrl, ...env } });
  return Object.assign((...args: readonly string[]) => withEnv({}, ...args), { with: withEnv });
}

function route(hostname: string, org: string): readonly string[] {
  const service = ['--org', org, '--app', 'shop', '--env', 'production', '--process', 'web'];
  return ['route', 'create', hostname, ...service, '--backend-port', '8443'];
}
