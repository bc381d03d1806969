import test from 'ava';
import { parseAllDocuments } from 'yaml';
import type { CommandResult } from '../../../routing/control/control.ts';
import { openControl } from '../../../routing/control/open-control.ts';
import { type Run, weir } from '../../support/command-line.ts';
import { query, startTestPostgres, type TestDatabase, type TestPostgres } from '../../support/postgres.ts';
import { fileScope } from '../../support/scope.ts';

const META = { actor: 'test' };
const SERVICE = { app: 'shop', env: 'production', process: 'web', backendPort: 8443 };

const scope = fileScope(test);
let postgres: TestPostgres;
/** acme holds example.net, with a name on both listeners and for a protocol of its own; other waits for example.org to be proved. */
let filled: TestDatabase;
let token: string;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
  filled = await postgres.createDatabase();
  const control = await openControl({ url: filled.controlUrl });
  try {
    expectOk(await control.claimDomain({ domain: 'example.net', org: 'acme', isTrusted: true }, META));
    const apps = { domain: 'apps.net', org: 'host', isTrusted: true, isPlatform: true };
    expectOk(await control.claimDomain(apps, META));
    token = expectOk(await control.claimDomain({ domain: 'example.org', org: 'other' }, META)).token;
    for (const [org, hostname, listener, alpn] of [
      ['acme', 'example.net', 'tls'],
      ['acme', '*.example.net', 'tls'],
      ['acme', 'www.example.net', 'tls'],
      ['acme', 'www.example.net', 'http'],
      ['acme', 'www.example.net', 'tls', 'h2'],
      ['acme', 'www.example.net', 'tls', 'acme-tls/1'],
      ['acme', '*', 'tls'],
      ['other', 'shop.apps.net', 'tls'],
    ] as const) {
      expectOk(await control.createRoute({ ...SERVICE, org, hostname, listener, alpn }, META));
    }
  } finally {
    await control.close();
  }
  await report(filled, 'edge-1', ['203.0.113.1', '2001:db8::1']);
  await report(filled, 'edge-2', ['203.0.113.2', '2001:db8::1']);
  await report(filled, 'edge-3', ['203.0.113.3']);
  await query(
    filled.adminUrl,
    `update weir.nodes set reported_at = now() - interval '1 hour' where node = 'edge-3'`,
  );
});

test('the records are listed with the addresses that live edges report', async (t) => {
  const run = await on(filled, 'dns');
  t.is(run.exitCode, 0, run.stderr);
  t.regex(run.stdout, /^TYPE +NAME +TTL +VALUE +NOTE$/m);
  t.regex(run.stdout, /^A +www\.example\.net +300 +203\.0\.113\.1$/m);
  t.regex(run.stdout, /^A +www\.example\.net +300 +203\.0\.113\.2$/m);
  t.regex(run.stdout, /^AAAA +www\.example\.net +300 +2001:db8::1$/m);
  t.regex(run.stdout, /^A +\*\.www\.example\.net +300 .* for \*\.example\.net, which in the DNS ends/m);
  t.regex(
    run.stdout,
    new RegExp(`^TXT +_weir-challenge\\.example\\.org +300 +weir-verify=${token} +proves`, 'm'),
  );
  t.regex(
    run.stdout,
    /^Notes\n\* of acme is no name .*\nedge-3 does not report any more: 203\.0\.113\.3 left out$/m,
  );
});

test('with a target and an org the records are those of a tenant', async (t) => {
  const run = await on(filled, 'dns', '--org', 'acme', '--target', 'Edge.Weir.NET.', '--ttl', '60', '--json');
  t.is(run.exitCode, 0, run.stderr);
  const { records } = JSON.parse(run.stdout);
  t.deepEqual(
    records.map((each: Readonly<Record<string, unknown>>) =>
      ['name', 'type', 'value', 'ttlSeconds', 'org'].map((key) => String(each[key])).join(' '),
    ),
    [
      'example.net A 203.0.113.1 60 acme',
      'example.net A 203.0.113.2 60 acme',
      'example.net AAAA 2001:db8::1 60 acme',
      '*.example.net CNAME edge.weir.net 60 acme',
      'www.example.net CNAME edge.weir.net 60 acme',
      '*.www.example.net CNAME edge.weir.net 60 acme',
      'edge.weir.net A 203.0.113.1 60 null',
      'edge.weir.net A 203.0.113.2 60 null',
      'edge.weir.net AAAA 2001:db8::1 60 null',
    ],
  );
});

test("a name below a platform domain is an alias, and a tenant's proof is its own", async (t) => {
  const run = await on(filled, 'dns', '--org', 'other', '--target', 'edge.weir.net', '--format', 'zone');
  t.is(run.exitCode, 0, run.stderr);
  t.regex(run.stdout, /^shop\.apps\.net\. +300 IN CNAME edge\.weir\.net\.$/m);
  t.true(run.stdout.includes(`_weir-challenge.example.org. 300 IN TXT   "weir-verify=${token}"`));
  t.false(run.stdout.includes('example.net'));
});

test('addresses that are passed replace those that are reported', async (t) => {
  const run = await on(
    filled,
    ...['dns', '--address', '198.51.100.1', '--address', '::ffff:198.51.100.1', '--org', 'other'],
    ...['--format', 'external-dns'],
  );
  t.is(run.exitCode, 0, run.stderr);
  const [document, ...others] = parseAllDocuments(run.stdout).map((each) =>
    'toJS' in each ? each.toJS() : {},
  );
  t.deepEqual(others, []);
  t.like(document, { kind: 'DNSEndpoint', metadata: { name: 'weir-other' } });
  t.deepEqual(document.spec.endpoints[0], {
    dnsName: 'shop.apps.net',
    recordTTL: 300,
    recordType: 'A',
    targets: ['198.51.100.1'],
  });
  t.notRegex(run.stdout, /203\.0\.113/);
});

test('an org without names needs no records', async (t) => {
  const run = await on(filled, 'dns', '--org', 'nobody');
  t.is(run.exitCode, 0, run.stderr);
  t.regex(run.stdout, /^No records are needed/);
});

test('without a public address it says where to get one, unless none is needed', async (t) => {
  const database = await postgres.createDatabase();
  const nothing = await on(database, 'dns');
  t.is(nothing.exitCode, 0, nothing.stderr);

  await report(database, 'edge-1', []);
  await query(
    database.edgeUrl,
    `update weir.nodes set public_addresses = '{"0": "203.0.113.1"}' where node = 'edge-1'`,
  );
  const target = await on(database, 'dns', '--target', 'edge.weir.net');
  t.is(target.exitCode, 3);
  t.regex(
    target.stderr,
    /^error: no live edge reports a public address; set public_addresses .* pass --address\n$/,
  );

  await report(database, 'edge-2', ['203.0.113.2']);
  await query(database.adminUrl, `update weir.nodes set reported_at = now() - interval '1 hour'`);
  const script = await on(database, 'dns', '--target', 'edge.weir.net', '--json');
  t.is(script.exitCode, 3);
  t.is(script.stdout, '');
  t.regex(
    JSON.parse(script.stderr).error.message,
    /; edge-2 does not report any more: 203\.0\.113\.2 left out$/,
  );
});

test('what is not valid is 5, with every problem by its option', async (t) => {
  const run = await on(
    filled,
    ...['dns', '--org', 'Not an org', '--address', 'edge.weir.net', '--address', '::'],
    ...['--target', '203.0.113.1', '--ttl', '0'],
  );
  t.is(run.exitCode, 5);
  t.regex(run.stderr, /^ {2}--org must be/m);
  t.regex(run.stderr, /^ {2}--address has "edge\.weir\.net", which is not an IPv4 or IPv6 address$/m);
  t.regex(run.stderr, /^ {2}--address has "::", which is the unspecified address$/m);
  t.regex(run.stderr, /^ {2}--target is an address/m);
  t.regex(run.stderr, /^ {2}--ttl must be a whole number of seconds from 1/m);
});

test('a format that is not known, and one beside --json, is 2', async (t) => {
  t.is((await on(filled, 'dns', '--format', 'bind')).exitCode, 2);
  t.is((await on(filled, 'dns', '--format', 'zone', '--json')).exitCode, 2);
});

test('"weir node list" shows where clients reach each edge', async (t) => {
  const run = await on(filled, 'node', 'list');
  t.regex(run.stdout, /^NODE +LIVE +REVISION +ADDRESSES/m);
  t.regex(run.stdout, /^edge-1 +yes +0 +203\.0\.113\.1 2001:db8::1 /m);
});

function on(database: TestDatabase, ...args: readonly string[]): Promise<Run> {
  return weir(args, { env: { WEIR_DATABASE_URL: database.controlUrl } });
}

/** An edge's heartbeat. */
async function report(database: TestDatabase, node: string, addresses: readonly string[]): Promise<void> {
  await query(
    database.edgeUrl,
    'insert into weir.nodes (node, revision, public_addresses, started_at) values ($1, 0, $2, now())',
    [node, JSON.stringify(addresses)],
  );
}

function expectOk<Value>(result: CommandResult<Value>): Value {
  if (result.kind === 'ok') return result.value;
  throw new Error(JSON.stringify(result));
}
