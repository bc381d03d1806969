import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { weir, weirEntry } from '../../support/command-line.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { fileScope } from '../../support/scope.ts';
import { document, documents, openWorkplace, route } from './applying.ts';

const scope = fileScope(test);
let postgres: TestPostgres;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
});

const SHARED =
  ', weight: 95, others: [{ app: shop, env: production, process: canary, backendPort: 8443, weight: 5 }]';
const ACME = ['--org', 'acme'];

test('the difference is printed, made, and gone the second time', async (t) => {
  const { run, file, countEvents } = await openWorkplace(t, postgres);
  file('a.yaml', documents(route('www.example.com'), route('*.example.com', 8443, SHARED)));
  const dry = await run('apply', '-f', 'a.yaml', ...ACME, '--dry-run');
  const lines = [
    '+ route tls www.example.com → acme/shop/production/web port 8443',
    '+ route tls *.example.com → acme/shop/production/web:8443 95%, …/canary 5%',
  ];
  t.is(dry.exitCode, 0, dry.stderr);
  t.is(dry.stdout, [...lines, 'Would be applied: 2 created; nothing was changed', ''].join('\n'));
  t.is(await countEvents(), 0);

  const created = await run('apply', '-f', 'a.yaml', ...ACME, '--actor', 'ada', '--reason', 'first');
  t.is(created.stdout, [...lines, 'Applied: 2 created (revision 2)', ''].join('\n'), created.stderr);
  const again = await run('apply', '-f', 'a.yaml', ...ACME);
  t.is(again.stdout, 'Nothing to do: 2 unchanged\n', again.stderr);
  t.is(await countEvents(), 2);
  t.regex((await run('events')).stdout, /route\/tls\/www\.example\.com +ada .* first$/m);

  file(
    'a.yaml',
    documents(
      route('www.example.com', 9443, ', proxyProtocol: v2'),
      route('*.example.com', 8443, SHARED.replace('95', '50').replace('weight: 5 ', 'weight: 50 ')),
    ),
  );
  const updated = await run('apply', '-f', 'a.yaml', ...ACME);
  t.is(
    updated.stdout,
    [
      '~ route tls www.example.com: backendPort: 8443 → 9443, proxyProtocol: none → v2',
      '~ route tls *.example.com: backends: acme/shop/production/web:8443 95%, …/canary 5% → acme/shop/production/web:8443 50%, …/canary 50%',
      'Applied: 2 updated (revision 4)',
      '',
    ].join('\n'),
  );

  file('b.yaml', documents(route('www.example.com', 8443, ', proxyProtocol: v2'), route('new.example.com')));
  const pruned = await run('apply', '-f', 'b.yaml', ...ACME, '--prune');
  t.is(
    pruned.stdout,
    [
      '~ route tls www.example.com: backendPort: 9443 → 8443',
      '+ route tls new.example.com → acme/shop/production/web port 8443',
      '- route tls *.example.com → acme/shop/production/web:8443 50%, …/canary 50%',
      'Applied: 1 created, 1 updated, 1 deleted (revision 7)',
      '',
    ].join('\n'),
    pruned.stderr,
  );
});

test('every kind has a line that says what it is about', async (t) => {
  const { run, file } = await openWorkplace(t, postgres);
  const service = 'service: { org: acme, app: shop, env: production, process: web }';
  file(
    'all.yaml',
    documents(
      document('Policy', '{ portQuota: none, coolDown: 1h }'),
      document('Policy', '{ org: acme, addressQuota: 2 }'),
      document('PortPool', '{ first: 20000, last: 20009 }'),
      document('AddressPool', '{ ranges: [203.0.113.0/29, 203.0.113.20] }'),
      document('DomainClaim', '{ domain: apps.net, org: host, platform: true }'),
      document('DomainClaim', '{ domain: shop.net, org: acme, proof: none }'),
      document('Address', '{ address: 203.0.113.7, org: acme }'),
      document('Port', `{ port: 20000, ${service}, backendPort: 5432 }`),
      document(
        'Port',
        `{ port: 443, address: 203.0.113.7, ${service}, backendPort: 8443, proxyProtocol: v2 }`,
      ),
      document(
        'Route',
        `{ hostname: 'bücher.example.com', listener: http, ${service}, backendPort: 80, redirectToHttps: true }`,
      ),
      document('Endpoint', `{ ${service}, instance: i-1, address: 'fd00:1::17', state: not-ready }`),
    ),
  );
  const applied = await run('apply', '-f', 'all.yaml', '--trusted');
  const [, token = ''] = /weir-verify=(\w+)/.exec(applied.stdout) ?? [];
  t.is(
    applied.stdout,
    [
      '+ policy of all orgs: portQuota none, addressQuota 1, coolDownMs 1h',
      '+ policy of acme: portQuota default, addressQuota 2',
      '+ port pool: 20000-20009',
      '+ address pool: 203.0.113.0-203.0.113.7, 203.0.113.20',
      '+ domain shop.net of acme: claimed, to be proved',
      '+ domain apps.net of host: held, vouched for by the operator; open to all orgs',
      '+ address 203.0.113.7 of acme',
      '+ route http xn--bcher-kva.example.com → acme/shop/production/web port 80, redirects to https',
      '+ port 20000 → acme/shop/production/web port 5432',
      '+ port 443 of 203.0.113.7 → acme/shop/production/web port 8443, PROXY v2',
      '+ endpoint acme/shop/production/web/i-1 → fd00:1::17, not-ready',
      'Applied: 11 created (revision 11)',
      'acme claims shop.net. To prove it, publish this record in the DNS:',
      `  _weir-challenge.shop.net. 300 IN TXT "weir-verify=${token}"`,
      'then',
      '  weir domain verify shop.net --org acme',
      '',
    ].join('\n'),
    applied.stderr,
  );

  file(
    'some.yaml',
    documents(
      document('Policy', '{ coolDown: 24h }'),
      document('PortPool', '{ first: 20000, last: 20010 }'),
      document('AddressPool', '{ ranges: [203.0.113.7] }'),
      document('DomainClaim', '{ domain: shop.net, org: acme }'),
      document('Endpoint', `{ ${service}, instance: i-1, address: 'fd00:1::17' }`),
    ),
  );
  const updated = await run('apply', '-f', 'some.yaml', '--trusted');
  t.is(
    updated.stdout,
    [
      '~ policy of all orgs: coolDownMs: 1h → 24h',
      '~ port pool: last: 20009 → 20010',
      '~ address pool: ranges: 203.0.113.0-203.0.113.7, 203.0.113.20 → 203.0.113.7',
      '~ domain shop.net of acme: proof: none → trusted',
      '~ endpoint acme/shop/production/web/i-1: state: not-ready → ready',
      'Applied: 5 updated (revision 16)',
      '',
    ].join('\n'),
    updated.stderr,
  );
});

test('a pending claim says what to publish, also the second time, and a dry run invents no token', async (t) => {
  const { run, file } = await openWorkplace(t, postgres);
  file('claim.yaml', document('DomainClaim', '{ domain: shop.net }'));
  const dry = await run('apply', '-f', 'claim.yaml', ...ACME, '--dry-run');
  t.regex(dry.stdout, /^acme would claim shop\.net; the record to publish comes with the apply$/m);
  const dryJson = await run('apply', '-f', 'claim.yaml', ...ACME, '--dry-run', '--json');
  t.notRegex(dry.stdout + dryJson.stdout, /weir-verify|[0-9a-f]{32}/);

  const first = await run('apply', '-f', 'claim.yaml', ...ACME, '--json');
  const [challenge] = JSON.parse(first.stdout).challenges;
  t.like(challenge, { domain: 'shop.net', org: 'acme', name: '_weir-challenge.shop.net' });
  const again = await run('apply', '-f', 'claim.yaml', ...ACME);
  t.true(again.stdout.startsWith('Nothing to do: 1 unchanged\nacme claims shop.net. To prove it'));
  t.true(again.stdout.includes(challenge.value));
});

test('all problems of all files come at once, with their places, and nothing is changed', async (t) => {
  const { run, file, countEvents } = await openWorkplace(t, postgres);
  file('m/a.yaml', documents(route('www.example.com'), route('-.example.com', 70_000, ', colour: red')));
  file('m/b/c.json', '{ "apiVersion": "weir/v1", "kind": "Rout", "spec": {} }');
  file('m/z.yml', 'apiVersion: weir/v1\nkind: [\n');
  const run1 = await run('apply', '-f', 'm', ...ACME);
  t.is(run1.exitCode, 5);
  t.is(run1.stdout, '');
  const lines = run1.stderr.split('\n');
  t.is(lines[0], 'error: nothing was changed: 5 problems in the files');
  t.regex(
    run1.stderr,
    /^ {2}m\/a\.yaml:7:9 spec\.hostname "-\.example\.com"|^ {2}m\/a\.yaml:7:\d+ spec\.hostname/m,
  );
  t.regex(run1.stderr, /^ {2}m\/a\.yaml:7:\d+ spec\.backendPort must be/m);
  t.regex(run1.stderr, /^ {2}m\/a\.yaml:7:\d+ spec\.colour is not a known field/m);
  t.regex(run1.stderr, /^ {2}m\/b\/c\.json:1:28 kind "Rout" is not known; did you mean Route\?$/m);
  t.regex(run1.stderr, /^ {2}m\/z\.yml:\d+:\d+ /m);
  t.is(await countEvents(), 0);

  const script = await run('apply', '-f', 'm/b', ...ACME, '--json');
  t.is(script.exitCode, 5);
  t.is(script.stdout, '');
  t.like(JSON.parse(script.stderr), {
    error: { code: 'invalid', problems: [{ file: 'm/b/c.json', line: 1, column: 28, path: 'kind' }] },
  });
});

test('refusals of the control plane have their places too; the gravest is the exit code', async (t) => {
  const { run, file, countEvents } = await openWorkplace(t, postgres);
  await run('domain', 'claim', 'taken.net', '--org', 'other', '--trusted');
  const before = await countEvents();
  file('a.yaml', documents(route('www.example.com'), route('www.taken.net'), route('www.nobodys.net')));
  const conflict = await run('apply', '-f', 'a.yaml', ...ACME);
  t.is(conflict.exitCode, 4);
  t.is(conflict.stdout, '');
  t.is(
    conflict.stderr,
    [
      'error: nothing was changed: 2 things are refused',
      '  a.yaml:7:9 spec.hostname: taken.net, which has www.taken.net in it, is held by the org other; choose another name, or have them release it',
      '  a.yaml:11:9 spec.hostname: the org acme holds no domain that www.nobodys.net lies in; claim one first, as in `weir domain claim www.nobodys.net --org acme`',
      '',
    ].join('\n'),
  );

  file('b.yaml', documents(route('www.nobodys.net')));
  const notAllowed = await run('apply', '-f', 'b.yaml', ...ACME, '--json');
  t.is(notAllowed.exitCode, 7);
  t.like(JSON.parse(notAllowed.stderr), {
    error: {
      code: 'not-allowed',
      problems: [{ file: 'b.yaml', line: 3, column: 9, path: 'spec.hostname', code: 'not-allowed' }],
    },
  });

  await run('port', 'pool', '20000-20009');
  const service = 'service: { app: shop, env: production, process: web }';
  file(
    'c.yaml',
    documents(route('www.taken.net'), document('Port', `{ port: 99, ${service}, backendPort: 1 }`)),
  );
  const invalid = await run('apply', '-f', 'c.yaml', ...ACME);
  t.is(invalid.exitCode, 5);
  t.regex(invalid.stderr, /^ {2}c\.yaml:7:9 spec\.port must be in the pool, which is 20000-20009$/m);
  t.is(await countEvents(), before + 1);

  await run('domain', 'claim', 'one.net', ...ACME, '--trusted');
  await run(
    'route',
    'create',
    'www.one.net',
    ...ACME,
    '--app',
    'a',
    '--env',
    'e',
    '--process',
    'p',
    '--backend-port',
    '1',
  );
  file('d.yaml', documents(document('DomainClaim', '{ domain: example.com }'), route('www.one.net')));
  const used = await run('apply', '-f', 'd.yaml', ...ACME, '--prune');
  t.is(used.exitCode, 4);
  t.regex(
    used.stderr,
    /^ {2}domain one\.net of acme, which no file wants, cannot be taken away: one\.net is in use by the route www\.one\.net; delete it first$/m,
  );
});

test('files that are not there, cannot be read or have nothing in them are named', async (t) => {
  const { run, runWith, file } = await openWorkplace(t, postgres);
  file('empty/readme.txt', 'nothing');
  file('comment.yaml', '# nothing\n---\n');
  const missing = await run('apply', '-f', 'nowhere.yaml', '-f', 'empty', '-f', '/dev/zero');
  t.is(missing.exitCode, 5);
  t.is(
    missing.stderr,
    [
      'error: nothing was changed: some files cannot be read',
      '  nowhere.yaml does not exist',
      '  empty has no .yaml, .yml or .json file in it',
      '  /dev/zero is longer than 16MiB; is it the right file?',
      '',
    ].join('\n'),
  );
  for (const args of [
    ['-f', 'comment.yaml'],
    ['-f', '-'],
  ]) {
    const nothing = await runWith('', 'apply', ...args);
    t.is(nothing.exitCode, 5);
    t.is(nothing.stderr, 'error: nothing was changed: there is no document in the files\n');
  }
  const script = await run('apply', '-f', 'nowhere.yaml', '--json');
  t.like(JSON.parse(script.stderr), {
    error: { code: 'invalid', problems: [{ file: 'nowhere.yaml', problem: 'does not exist' }] },
  });
  t.is((await run('apply')).exitCode, 2);
  const prune = await run('apply', '-f', 'comment.yaml', '--prune');
  t.is(prune.exitCode, 2);
  t.regex(prune.stderr, /^error: --prune needs --org: only what one org has is ever taken away\n/);
  t.is((await run('apply', '-f', 'comment.yaml', '--idempotency-key', 'k')).exitCode, 2);
});

test('a directory is read in order, without what is hidden, each file once, and links that go round end', async (t) => {
  const { run, runWith, file, directory } = await openWorkplace(t, postgres);
  file('m/b.yaml', route('b.example.com'));
  file('m/a/z.yml', route('z.example.com'));
  file('m/c.json', '{"apiVersion": "v1", "kind": "List", "items": []}');
  file('m/.hidden.yaml', 'not: [valid');
  file('m/.git/x.yaml', 'not: [valid');
  file('m/notes.txt', 'not: [valid');
  symlinkSync('..', join(directory, 'm/a/round'));
  symlinkSync('b.yaml', join(directory, 'm/again.yaml'));
  symlinkSync('nowhere', join(directory, 'm/dangling'));
  const applied = await runWith(
    route('stdin.example.com'),
    'apply',
    '-f',
    'm',
    '-f',
    '-',
    '-f',
    'm/b.yaml',
    '-f',
    'm',
    ...ACME,
  );
  t.is(applied.exitCode, 0, applied.stderr);
  t.deepEqual(
    [...applied.stdout.matchAll(/^\+ route tls (\S+)/gm)].map(([, name]) => name),
    ['z.example.com', 'b.example.com', 'stdin.example.com'],
  );

  const wrong = await runWith('apiVersion: weir/v1\nkind: Nothing\n', 'apply', '-f', '-');
  t.regex(wrong.stderr, /^ {2}\(stdin\):2:1 kind "Nothing" is not known/m);
  symlinkSync('nowhere', join(directory, 'm/dangling.yaml'));
  const dangling = await run('apply', '-f', 'm', ...ACME);
  t.is(dangling.exitCode, 5);
  t.regex(dangling.stderr, /^ {2}m\/dangling\.yaml does not exist$/m);
});

const WORKLOADS = ['public-http', 'public-tls', 'public-tcp', 'internal'].map(
  (exposure) => `apiVersion: zave.io/v1
kind: Workload
metadata: { name: ${exposure.replace('public-', 'w-')}, namespace: acme }
spec: { runtime: node24, exposure: ${exposure} }
`,
);

test('workloads are exposed below the platform domain, their ports stay, and internal ones go', async (t) => {
  const { run, file } = await openWorkplace(t, postgres);
  file('w.yaml', documents(...WORKLOADS));
  const early = await run('apply', '-f', 'w.yaml');
  t.is(early.exitCode, 5);
  t.regex(early.stderr, /w\.yaml:4:\d+ spec\.exposure is public-http, and there is no platform domain/);

  await run('domain', 'claim', 'apps.net', '--org', 'host', '--trusted', '--platform');
  const unpooled = await run('apply', '-f', 'w.yaml');
  t.is(unpooled.exitCode, 5);
  t.regex(unpooled.stderr, /^ {2}w\.yaml:1\d:\S+ .*is required while no pool is defined/m);
  await run('port', 'pool', '20000-20009');
  const applied = await run('apply', '-f', 'w.yaml');
  t.is(
    applied.stdout,
    [
      '+ route http w-http.acme.apps.net → acme/w-http/production/web port 8080',
      '+ route tls w-tls.acme.apps.net → acme/w-tls/production/web port 8443',
      '+ route http w-tls.acme.apps.net → acme/w-tls/production/web port 8443, redirects to https',
      '+ port 20000 → acme/w-tcp/production/web port 8080',
      'Applied: 4 created (revision 7)',
      '',
    ].join('\n'),
    applied.stderr,
  );
  t.is((await run('apply', '-f', 'w.yaml')).stdout, 'Nothing to do: 4 unchanged\n');

  file('in.yaml', documents(...WORKLOADS).replaceAll(/public-\w+/g, 'internal'));
  const hidden = await run('apply', '-f', 'in.yaml', ...ACME, '--prune');
  t.regex(hidden.stdout, /^Applied: 4 deleted/m, hidden.stderr);

  await run('domain', 'claim', 'more.net', '--org', 'host', '--trusted', '--platform');
  const unclear = await run('apply', '-f', 'w.yaml');
  t.is(unclear.exitCode, 5);
  t.regex(
    unclear.stderr,
    /spec\.exposure is public-http, and there are several platform domains \(apps\.net and more\.net\); say which with --platform-domain$/m,
  );
  const chosen = await run('apply', '-f', 'w.yaml', '--platform-domain', 'more.net');
  t.regex(chosen.stdout, /^\+ route tls w-tls\.acme\.more\.net → /m, chosen.stderr);
  const unknown = await run('apply', '-f', 'w.yaml', '--platform-domain', 'example.com');
  t.is(unknown.exitCode, 5);
  t.regex(
    unknown.stderr,
    /^ {2}--platform-domain is example\.com, which is no platform domain; there is apps\.net, more\.net$/m,
  );
});

const GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: infra }
spec:
  gatewayClassName: weir
  listeners:
    - name: tls
      protocol: TLS
      port: 443
      hostname: '*.example.com'
      tls: { mode: Passthrough }
      allowedRoutes: { namespaces: { from: All } }
    - name: db
      protocol: TCP
      port: 20001
      allowedRoutes: { namespaces: { from: All } }
`;

function gatewayRoute(kind: string, name: string, spec: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: acme }\nspec: ${spec}\n`;
}

test('Gateway API documents are applied with a status for each route', async (t) => {
  const { run, file } = await openWorkplace(t, postgres);
  await run('port', 'pool', '20000-20009');
  const parent = (section: string) =>
    `parentRefs: [{ name: edge, namespace: infra, sectionName: ${section} }]`;
  file(
    'g.yaml',
    documents(
      GATEWAY,
      gatewayRoute(
        'TLSRoute',
        'www',
        `{ ${parent('tls')}, hostnames: [www.example.com], rules: [{ backendRefs: [{ name: shop, port: 8443, weight: 9 }, { name: shop.staging, port: 8443 }] }] }`,
      ),
      gatewayRoute(
        'TCPRoute',
        'db',
        `{ ${parent('db')}, rules: [{ backendRefs: [{ name: db, port: 5432 }] }] }`,
      ),
      document(
        'Endpoint',
        '{ service: { org: acme, app: db, env: production, process: web }, instance: i-1, address: 10.0.0.1 }',
      ),
    ),
  );
  const applied = await run('apply', '-f', 'g.yaml');
  t.is(
    applied.stdout,
    [
      'Gateway infra/edge: Accepted=True, Programmed=True',
      '    Accepted: All listeners are served',
      'Gateway infra/edge, listener tls: Accepted=True, Conflicted=False, ResolvedRefs=True, Programmed=True',
      '    Accepted: Served where the edges listen for TLS, whichever port that is; 443 is only compared with parentRefs',
      'Gateway infra/edge, listener db: Accepted=True, Conflicted=False, ResolvedRefs=True, Programmed=True',
      '    Accepted: Port 20001 is bound by the route that takes it',
      'TLSRoute acme/www at Gateway infra/edge, listener tls: Accepted=True, ResolvedRefs=False, Conflicted=False',
      '    Accepted: www.example.com',
      '    BackendNotFound: nothing is known of acme/shop/production/web, acme/shop/staging/web yet; until an endpoint is there, other backends get its connections, or they are refused',
      'TCPRoute acme/db at Gateway infra/edge, listener db: Accepted=True, ResolvedRefs=True, Conflicted=False',
      '    Accepted: port 20001',
      '+ route tls www.example.com → acme/shop/production/web:8443 90%, …/staging/web 10%',
      '+ port 20001 → acme/db/production/web port 5432',
      '+ endpoint acme/db/production/web/i-1 → 10.0.0.1, ready',
      'Applied: 3 created (revision 4)',
      '',
    ].join('\n'),
    applied.stderr,
  );
  const script = await run('apply', '-f', 'g.yaml', '--json', '--dry-run');
  const value = JSON.parse(script.stdout);
  t.like(value, { isDryRun: true, revision: null, challenges: [] });
  t.deepEqual(
    value.changes.map((each: { action: string; place: { file: string; line: number } }) => [
      each.action,
      each.place.file,
      each.place.line,
    ]),
    [
      ['unchanged', 'g.yaml', 18],
      ['unchanged', 'g.yaml', 23],
      ['unchanged', 'g.yaml', 28],
    ],
  );
  t.like(value.statuses.at(-1), {
    kind: 'TCPRoute',
    name: 'db',
    conditions: [{ type: 'Accepted', status: 'True' }],
  });
});

test('a Gateway API route that is not accepted keeps everything from being applied', async (t) => {
  const { run, file, countEvents } = await openWorkplace(t, postgres);
  const rules = 'rules: [{ backendRefs: [{ name: shop, port: 8443 }] }]';
  file(
    'lost.yaml',
    documents(
      GATEWAY,
      gatewayRoute(
        'TLSRoute',
        'www',
        `{ parentRefs: [{ name: edge, namespace: infra }], hostnames: [www.example.org], ${rules} }`,
      ),
      document(
        'Route',
        '{ hostname: a.example.com, service: { org: acme, app: shop, env: production, process: web }, backendPort: 1 }',
      ),
    ),
  );
  const lost = await run('apply', '-f', 'lost.yaml');
  t.is(lost.exitCode, 5);
  t.regex(lost.stdout, /^TLSRoute acme\/www at Gateway infra\/edge: Accepted=False, /m);
  t.regex(lost.stderr, /^error: nothing was changed: 1 condition of the Gateway API is not met$/m);
  t.regex(
    lost.stderr,
    /^ {2}lost\.yaml:21:22 TLSRoute acme\/www at Gateway infra\/edge: Accepted=False, NoMatchingListenerHostname: /m,
  );
  t.is(await countEvents(), 0);

  const twice = GATEWAY.replace(
    /name: db\n {6}protocol: TCP\n {6}port: 20001/,
    "name: too\n      protocol: TLS\n      port: 443\n      hostname: '*.example.com'\n      tls: { mode: Passthrough }",
  );
  file(
    'conflict.yaml',
    documents(
      twice,
      gatewayRoute(
        'TLSRoute',
        'www',
        `{ parentRefs: [{ name: edge, namespace: infra }], hostnames: [www.example.com], ${rules} }`,
      ),
    ),
  );
  const conflict = await run('apply', '-f', 'conflict.yaml', '--json');
  t.is(conflict.exitCode, 4, conflict.stderr);
  t.like(JSON.parse(conflict.stderr), {
    error: {
      code: 'conflict',
      problems: [
        { file: 'conflict.yaml', line: 1, code: 'ListenersNotValid' },
        { code: 'NotAllowedByListeners' },
      ],
    },
  });
});

test('a reader that leaves early does not keep it from being done', async (t) => {
  const { directory, database, file, run } = await openWorkplace(t, postgres);
  const names = Array.from({ length: 300 }, (_, index) => route(`www-${index}.example.com`));
  file('many.yaml', documents(...names));
  const child = spawn(process.execPath, [weirEntry, 'apply', '-f', 'many.yaml', ...ACME], {
    cwd: directory,
    env: { ...process.env, WEIR_DATABASE_URL: database.controlUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const [exitCode] = await once(child, 'close');
  t.is(exitCode, 0);
  t.is((await run('apply', '-f', 'many.yaml', ...ACME)).stdout, 'Nothing to do: 300 unchanged\n');
});

test('colours are for terminals that want them', async (t) => {
  const { runWith, database } = await openWorkplace(t, postgres);
  const args = ['apply', '-f', '-', ...ACME, '--dry-run'];
  const stdin = route('a.example.com');
  t.false((await runWith(stdin, ...args)).stdout.includes('\u001b'));
  const env = { WEIR_DATABASE_URL: database.controlUrl, FORCE_COLOR: '1' };
  const painted = await weir(args, { env, stdin });
  t.true(painted.stdout.startsWith('\u001b[32m+ route tls a.example.com'));
});
