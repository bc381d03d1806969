import test from 'ava';
import { type Run, weir } from '../../support/command-line.ts';
import { startTestPostgres } from '../../support/postgres.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const SERVICE = ['--org', 'acme', '--app', 'shop', '--env', 'production', '--process', 'web'];

/** A database of the test's own with the route www.example.com, and `weir` on it. */
async function onRoute(): Promise<(...args: string[]) => Promise<Run>> {
  const database = await postgres.createDatabase();
  const run = (...args: string[]) => weir(args, { env: { WEIR_DATABASE_URL: database.controlUrl } });
  await run('route', 'create', 'www.example.com', ...SERVICE, '--backend-port', '8443');
  return run;
}

test('a route is split by percent, listed so, and whole again', async (t) => {
  const run = await onRoute();
  const backends = ['--backend', 'shop/production/web:8443=95', 'shop/production/canary:8443=5'];
  const split = await run('route', 'split', 'www.example.com', ...backends);
  t.is(
    split.stdout,
    'Split tls www.example.com → acme/shop/production/web:8443 95%, …/canary 5%\n',
    split.stderr,
  );
  const listed = await run('route', 'list');
  t.regex(
    listed.stdout,
    /^www\.example\.com +tls +- +acme\/shop\/production\/web:8443 95%, …\/canary 5% +8443/m,
  );
  const shown = await run('route', 'show', 'www.example.com');
  t.regex(shown.stdout, /^ {2}✗ service +acme\/shop\/production\/canary port 8443, weight 5 of 100, has no/m);

  const spread = await run(
    ...['route', 'split', 'www.example.com', '--backend', 'shop/production/web:8443=1'],
    ...['--backend', 'shop/production/web:9443=1', '--backend', 'shop/staging/web:1=1'],
    ...['--backend', 'lab/staging/web:8443=0'],
  );
  t.is(
    spread.stdout,
    'Split tls www.example.com → acme/shop/production/web:8443 33.33%, …:9443 33.33%, …/staging/web:1 33.33%, …/lab/staging/web 0%\n',
    spread.stderr,
  );

  const whole = await run(
    ...['route', 'split', 'www.example.com', '--backend', 'shop/production/canary:8443', '--json'],
  );
  t.like(JSON.parse(whole.stdout), { org: 'acme', process: 'canary', weight: 1, others: [] });
});

test('a split that is wrong says which backend, and changes nothing', async (t) => {
  const run = await onRoute();
  const split = ['route', 'split', 'www.example.com', '--backend'];
  const [syntax, values, twice, nobody, none, unknown] = await Promise.all([
    run(...split, 'shop/production/web', 'acme/shop/production/web:1=2', 'shop/production/canary:1=1'),
    run(...split, 'shop/production/web:0=1', 'shop/Production/canary:1=x'),
    run(...split, 'shop/production/web:1=1', 'shop/production/web:1=2'),
    run(...split, 'shop/production/web:1=0'),
    run('route', 'split', 'www.example.com'),
    run('route', 'split', 'other.example.com', '--backend', 'shop/production/web:1'),
  ]);
  t.deepEqual(
    [syntax, values, twice, nobody, none, unknown].map(({ exitCode }) => exitCode),
    [5, 5, 5, 5, 2, 3],
  );
  t.regex(syntax.stderr, /^ {2}--backend "shop\/production\/web" is not APP\/ENV\/PROCESS:PORT=WEIGHT$/m);
  t.regex(syntax.stderr, /^ {2}--backend "acme\/shop\/production\/web:1=2" is not/m);
  t.regex(values.stderr, /^ {2}port of "shop\/production\/web:0=1" must be a whole number/m);
  t.regex(values.stderr, /^ {2}env of "shop\/Production\/canary:1=x" must be/m);
  t.regex(values.stderr, /^ {2}weight of "shop\/Production\/canary:1=x" must be a whole number from 0/m);
  t.regex(twice.stderr, /^ {2}"shop\/production\/web:1=2" is named before/m);
  t.regex(nobody.stderr, /^ {2}weight of "shop\/production\/web:1=0" must be above 0/m);
  t.like(JSON.parse((await run('route', 'list', '--json')).stdout), [{ revision: 1 }]);
});
