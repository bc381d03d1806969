import test from 'ava';
import { type Run, weir } from '../../support/command-line.ts';
import { TestDnsServer } from '../../support/dns-server.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { fileScope, testScope } from '../../support/scope.ts';

const TOKEN = /"weir-verify=([0-9a-f]{32})"/;

const scope = fileScope(test);
let postgres: TestPostgres;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
});

test('a domain is claimed, proved by its record, routed, defended, released and cooled down', async (t) => {
  const run = await onDatabase();
  const dns = await TestDnsServer.start(testScope(t));
  const verify = ['domain', 'verify', 'shop.net', '--org', 'acme', '--resolver', dns.address];

  const early = await run(...route('www.shop.net', 'acme'));
  t.is(early.exitCode, 7);
  t.is(
    early.stderr,
    'error: the org acme holds no domain that www.shop.net lies in; claim one first, as in `weir domain claim www.shop.net --org acme`\n',
  );

  const claimed = await run('domain', 'claim', 'Shop.NET.', '--org', 'acme');
  t.is(claimed.exitCode, 0, claimed.stderr);
  const [, token = ''] = TOKEN.exec(claimed.stdout) ?? [];
  t.is(
    claimed.stdout,
    [
      'acme claims shop.net. To prove it, publish this record in the DNS:',
      `  _weir-challenge.shop.net. 300 IN TXT "weir-verify=${token}"`,
      'then',
      '  weir domain verify shop.net --org acme',
      '',
    ].join('\n'),
  );
  t.is((await run('domain', 'claim', 'shop.net', '--org', 'acme')).stdout, claimed.stdout);

  const absent = await run(...verify);
  t.is(absent.exitCode, 7);
  t.is(
    absent.stderr,
    `error: the record is not there yet; publish _weir-challenge.shop.net TXT "weir-verify=${token}", and verify again\n`,
  );
  t.deepEqual(
    dns.queries.map(({ name, type }) => `${name} ${type}`),
    ['_weir-challenge.shop.net TXT'],
  );

  dns.setTxt('_weir-challenge.shop.net', 'weir-verify=0123456789abcdef0123456789abcdef');
  const wrong = await run(...verify, '--json');
  t.is(wrong.exitCode, 7);
  t.is(wrong.stdout, '');
  const { error } = JSON.parse(wrong.stderr);
  t.is(error.code, 'not-allowed');
  t.regex(error.message, /^the record is there and says something else; publish _weir-challenge/);

  const pending = await run(...route('www.shop.net', 'acme'));
  t.is(pending.exitCode, 7);
  t.is(
    pending.stderr,
    `error: the org acme has claimed shop.net and not proved it yet; publish _weir-challenge.shop.net TXT "weir-verify=${token}", then \`weir domain verify shop.net --org acme\`\n`,
  );

  dns.setTxt('_weir-challenge.shop.net', 'v=spf1 -all', `weir-verify=${token}`);
  const verified = await run(...verify);
  t.is(verified.exitCode, 0, verified.stderr);
  t.is(verified.stdout, 'acme holds shop.net: proved by its record in the DNS\n');
  t.is((await run(...verify)).stdout, verified.stdout);
  t.is((await run('domain', 'claim', 'shop.net', '--org', 'acme')).stdout, verified.stdout);

  const routed = await run(...route('www.shop.net', 'acme'));
  t.is(routed.exitCode, 0, routed.stderr);

  const held = 'shop.net is held by the org acme; choose another name, or have them release it';
  for (const [args, message] of [
    [['domain', 'claim', 'shop.net', '--org', 'other'], held],
    [['domain', 'claim', 'shop.net', '--org', 'other', '--trusted'], held],
    [
      ['domain', 'claim', 'eu.shop.net', '--org', 'other'],
      `shop.net, which has eu.shop.net in it, is held by the org acme; choose another name, or have them release it`,
    ],
    [
      ['domain', 'claim', 'net', '--org', 'other', '--trusted'],
      'shop.net, which lies in net, is held by the org acme; choose another name, or have them release it',
    ],
    [route('shop.net', 'other'), held],
    [route('*.shop.net', 'other'), held],
    [
      route('a.eu.shop.net', 'other'),
      'shop.net, which has a.eu.shop.net in it, is held by the org acme; choose another name, or have them release it',
    ],
  ] as const) {
    const refused = await run(...args);
    t.is(refused.exitCode, 4, args.join(' '));
    t.is(refused.stderr, `error: ${message}\n`);
  }

  const used = await run('domain', 'release', 'shop.net', '--org', 'acme');
  t.is(used.exitCode, 4);
  t.is(used.stderr, 'error: shop.net is in use by the route www.shop.net; delete it first\n');
  t.is((await run('route', 'delete', 'www.shop.net')).exitCode, 0);

  const before = Date.now();
  const released = await run('domain', 'release', 'shop.net', '--org', 'acme');
  t.is(released.exitCode, 0, released.stderr);
  const [, until = ''] =
    /^Released shop\.net of acme; it is kept from other orgs until (\S+)\n$/.exec(released.stdout) ?? [];
  t.true(Math.abs(Date.parse(until) - before - 86_400_000) < 60_000, released.stdout);
  t.is((await run('domain', 'release', 'shop.net', '--org', 'acme')).exitCode, 3);

  const cooling = await run('domain', 'claim', 'shop.net', '--org', 'other', '--trusted');
  t.is(cooling.exitCode, 4);
  t.is(
    cooling.stderr,
    `error: shop.net was released by another org and is kept from others until ${until}; try again then\n`,
  );
  const skipping = await run(
    'domain',
    'claim',
    'eu.shop.net',
    '--org',
    'other',
    '--trusted',
    '--skip-cool-down',
  );
  t.is(skipping.stdout, 'other holds eu.shop.net: the operator vouches for it\n', skipping.stderr);

  t.is((await run('policy', 'set', '--cool-down', '0')).exitCode, 0);
  const taken = await run('domain', 'claim', 'shop.net', '--org', 'other', '--trusted');
  t.is(taken.stdout, 'other holds shop.net: the operator vouches for it\n', taken.stderr);
  const free = await run('domain', 'release', 'shop.net', '--org', 'other');
  t.is(free.stdout, 'Released shop.net of other; other orgs can have it at once\n', free.stderr);
});

test('below a platform domain a name is whose route comes first, and goes with the last route', async (t) => {
  const run = await onDatabase();
  const platform = ['domain', 'claim', 'apps.net', '--org', 'host', '--trusted', '--platform'];
  t.is(
    (await run(...platform)).stdout,
    'host holds apps.net: the operator vouches for it; names below it go to the org that routes them first\n',
  );

  t.is((await run(...route('shop.apps.net', 'acme'))).exitCode, 0);
  t.is((await run(...route('*.shop.apps.net', 'acme'))).exitCode, 0);
  const listed = await run('domain', 'list');
  t.regex(listed.stdout, /^DOMAIN +ORG +STATE +PROOF +PLATFORM +UPDATED$/m);
  t.regex(listed.stdout, /^apps\.net +host +held +trusted +yes +\d{4}-/m);
  t.regex(listed.stdout, /^shop\.apps\.net +acme +held +platform +- +\d{4}-/m);

  const second = await run(...route('eu.shop.apps.net', 'other'));
  t.is(second.exitCode, 4);
  t.is(
    second.stderr,
    'error: shop.apps.net, which has eu.shop.apps.net in it, is held by the org acme; choose another name, or have them release it\n',
  );
  const apex = await run(...route('*.apps.net', 'other'));
  t.is(apex.exitCode, 4);
  t.regex(apex.stderr, /^error: \*\.apps\.net is the org host's own, .*; take a name below it$/m);
  t.is((await run(...route('*.apps.net', 'host'))).exitCode, 0);

  const closed = await run('domain', 'claim', 'apps.net', '--org', 'host', '--trusted', '--no-platform');
  t.is(closed.exitCode, 4);
  t.is(
    closed.stderr,
    'error: apps.net is open to all orgs, and cannot be closed while others hold names below it; they have to be released first\n',
  );
  const guests = await run('domain', 'release', 'apps.net', '--org', 'host');
  t.is(guests.exitCode, 4);
  t.regex(guests.stderr, /^error: apps\.net is in use by the route \*\.apps\.net; delete it first$/m);

  t.is((await run('route', 'delete', 'shop.apps.net')).exitCode, 0);
  t.is((await run(...route('shop.apps.net', 'other'))).exitCode, 4);
  t.is((await run('route', 'delete', '*.shop.apps.net')).exitCode, 0);
  t.deepEqual(JSON.parse((await run('domain', 'list', '--org', 'acme', '--json')).stdout), []);
  const cooling = await run(...route('shop.apps.net', 'other'));
  t.is(cooling.exitCode, 4);
  t.regex(
    cooling.stderr,
    /^error: shop\.apps\.net was released by another org and is kept from others until /,
  );
  t.is((await run(...route('shop.apps.net', 'acme'))).exitCode, 0);
});

/** `weir` on a database of the test's own. */
async function onDatabase(): Promise<(...args: readonly string[]) => Promise<Run>> {
  const { controlUrl } = await postgres.createDatabase();
  return (...args) => weir(args, { env: { WEIR_DATABASE_URL: controlUrl } });
}

function route(hostname: string, org: string): readonly string[] {
  const service = ['--org', org, '--app', 'shop', '--env', 'production', '--process', 'web'];
  return ['route', 'create', hostname, ...service, '--backend-port', '8443'];
}
