import test from 'ava';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { fileScope } from '../../support/scope.ts';
import { openWorkplace } from './applying.ts';

const scope = fileScope(test);
let postgres: TestPostgres;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
});

const HOSTNAME = 'www.example.com';
const SERVICE = ['--org', 'acme', '--app', 'shop', '--env', 'production', '--process', 'web'];
const CREATE = ['route', 'create', HOSTNAME, ...SERVICE, '--backend-port', '8443'];
const ACME = ['--alpn', 'acme-tls/1'];

test('routes of one name are told apart by --alpn in every command', async (t) => {
  const { run } = await openWorkplace(t, postgres);
  const created = await run(...CREATE, ...ACME);
  t.is(created.exitCode, 0, created.stderr);
  t.is(created.stdout, 'Created tls www.example.com alpn acme-tls/1 → acme/shop/production/web port 8443\n');
  const plain = await run('route', 'delete', HOSTNAME);
  t.is(plain.exitCode, 3);
  t.is(
    plain.stderr,
    'error: there is no route for www.example.com on the tls listener that asks for no ALPN protocol; there is one: with --alpn acme-tls/1\n',
  );
  t.is((await run(...CREATE)).exitCode, 0);

  const updated = await run('route', 'update', HOSTNAME, ...ACME, '--backend-port', '9443');
  t.is(updated.stdout, 'Updated tls www.example.com alpn acme-tls/1 → acme/shop/production/web port 9443\n');
  const split = await run('route', 'split', HOSTNAME, ...ACME, '--backend', 'certs/production/web:9443');
  t.is(split.stdout, 'Split tls www.example.com alpn acme-tls/1 → acme/certs/production/web port 9443\n');

  const [listed, only, shown, other] = await Promise.all([
    run('route', 'list'),
    run('route', 'list', ...ACME, '--json'),
    run('route', 'show', HOSTNAME, ...ACME),
    run('route', 'show', HOSTNAME),
  ]);
  t.regex(listed.stdout, /^HOSTNAME +LISTENER +ALPN +SERVICE/);
  t.regex(listed.stdout, /^www\.example\.com +tls +- +acme\/shop\/production\/web +8443/m);
  t.regex(listed.stdout, /^www\.example\.com +tls +acme-tls\/1 +acme\/certs\/production\/web +9443/m);
  t.like(JSON.parse(only.stdout), { length: 1, 0: { alpn: 'acme-tls/1', listener: 'tls' } });
  t.true(shown.stdout.startsWith('tls www.example.com alpn acme-tls/1 → '));
  t.true(shown.stdout.endsWith('\nthe name has other routes, for all others\n'));
  t.true(other.stdout.startsWith('tls www.example.com → '));
  t.true(other.stdout.endsWith('\nthe name has other routes, for clients that offer acme-tls/1\n'));

  const events = await run('events', '--route', HOSTNAME, '--json');
  t.is(JSON.parse(events.stdout).length, 4);
  const deleted = await run('route', 'delete', HOSTNAME, ...ACME);
  t.is(deleted.stdout, 'Deleted tls www.example.com alpn acme-tls/1 → acme/certs/production/web port 9443\n');
  t.like(JSON.parse((await run('route', 'list', '--json')).stdout), { length: 1, 0: { alpn: null } });
});

test('a protocol that cannot be asked for is refused by the option that named it', async (t) => {
  const { run } = await openWorkplace(t, postgres);
  const [http, wrong, list, port] = await Promise.all([
    run(...CREATE, '--listener', 'http', '--alpn', 'h2'),
    run(...CREATE, '--alpn', 'h2,h3'),
    run('route', 'list', '--alpn', 'h 2'),
    run('port', 'allocate', ...SERVICE, '--backend-port', '1', '--alpn', 'h2'),
  ]);
  t.is(http.exitCode, 5);
  t.regex(http.stderr, /--alpn is possible on the tls listener only/);
  t.is(wrong.exitCode, 5);
  t.regex(wrong.stderr, /--alpn must be of a-z/);
  t.is(list.exitCode, 5);
  t.regex(list.stderr, /--alpn must be of a-z/);
  t.is(port.exitCode, 2);
  t.regex(port.stderr, /unknown option '--alpn'/);
});

test('an apply prints which route of a name differs, and an export is taken back', async (t) => {
  const { run, runWith } = await openWorkplace(t, postgres);
  const route = (more: string, backendPort: number) =>
    `apiVersion: weir/v1\nkind: Route\nspec: { hostname: ${HOSTNAME}, ${more}service: { org: acme, app: shop, env: production, process: web }, backendPort: ${backendPort} }\n`;
  const apply = ['apply', '-f', '-'];
  const first = await runWith([route('', 1), route('alpn: h2, ', 2)].join('---\n'), ...apply);
  t.regex(
    first.stdout,
    /^\+ route tls www\.example\.com alpn h2 → acme\/shop\/production\/web port 2$/m,
    first.stderr,
  );
  const second = await runWith(route('alpn: h2, ', 3), ...apply, '--org', 'acme', '--prune');
  t.regex(second.stdout, /^~ route tls www\.example\.com alpn h2: backendPort: 2 → 3$/m, second.stderr);
  t.regex(second.stdout, /^- route tls www\.example\.com → acme\/shop\/production\/web port 1$/m);
  const exported = await run('export');
  t.regex(exported.stdout, /^ {2}hostname: www\.example\.com\n {2}alpn: h2$/m);
  t.regex((await runWith(exported.stdout, ...apply, '--trusted')).stdout, /^Nothing to do/);
});
