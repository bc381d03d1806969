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

test('a rebuild finds nothing, then a difference (1), repairs it (0), and finds nothing again', async (t) => {
  const { database, run } = await onDatabase();
  await run('route', 'create', 'www.example.com', ...SERVICE, '--backend-port', '8443');
  const rebuild = ['projections', 'rebuild'];

  const clean = await run(...rebuild, '--dry-run');
  t.is(clean.exitCode, 0, clean.stderr);
  t.is(clean.stdout, 'Built from 1 event, at revision 1.\nNothing differs.\n');

  await query(database.adminUrl, 'update weir.routes set backend_port = 1');
  const found = await run(...rebuild, '--dry-run');
  t.is(found.exitCode, 1);
  t.is(found.stderr, '');
  t.regex(found.stdout, /^1 row to repair:$/m);
  t.regex(found.stdout, /^routes +tls\/www\.example\.com +different +backend_port$/m);

  const script = await run(...rebuild, '--dry-run', '--json');
  t.is(script.exitCode, 1);
  t.deepEqual(JSON.parse(script.stdout), {
    events: 1,
    setAside: 0,
    revision: 1,
    differing: 1,
    differences: [
      { projection: 'routes', key: 'tls/www.example.com', kind: 'different', columns: ['backend_port'] },
    ],
    isRepaired: false,
  });

  const repaired = await run(...rebuild);
  t.is(repaired.exitCode, 0, repaired.stderr);
  t.regex(repaired.stdout, /at revision 2\.\n1 row differed, now repaired:$/m);
  t.is((await run(...rebuild, '--dry-run')).exitCode, 0);
  t.regex((await run('route', 'list')).stdout, / 8443/);
});

test('tombstones are removed by age', async (t) => {
  const { run } = await onDatabase();
  await run('route', 'create', 'www.example.com', ...SERVICE, '--backend-port', '8443');
  await run('route', 'delete', 'www.example.com');

  const young = await run('projections', 'compact');
  t.is(young.exitCode, 0, young.stderr);
  t.is(young.stdout, 'No tombstone is that old.\n');
  t.is(
    (await run('projections', 'compact', '--older-than', '0')).stdout,
    'Removed 1 tombstone, up to revision 2.\n',
  );
  const script = await run('projections', 'compact', '--older-than', '0', '--json');
  t.deepEqual(JSON.parse(script.stdout), { removed: 0, compactedTo: 2 });
});

test('an age that is none is 5, and a database that is away is 6', async (t) => {
  const url = ['--database-url', 'postgres://weir:secret@127.0.0.1:1/weir'];
  const [unit, aeon, rebuild, compact] = await Promise.all([
    weir(['projections', 'compact', '--older-than', '24', ...url]),
    weir(['projections', 'compact', '--older-than', '999999h', ...url]),
    weir(['projections', 'rebuild', ...url]),
    weir(['projections', 'compact', ...url, '--json']),
  ]);
  t.deepEqual(
    [unit, aeon, rebuild, compact].map(({ exitCode }) => exitCode),
    [5, 5, 6, 6],
  );
  t.regex(unit.stderr, /^ {2}--older-than has no unit/m);
  t.like(JSON.parse(compact.stderr), { error: { code: 'database-unavailable', reason: 'unavailable' } });
});

/** A database of the test's own, and `weir` on it. */
async function onDatabase(): Promise<{
  readonly database: TestDatabase;
  readonly run: (...args: string[]) => Promise<Run>;
}> {
  const database = await postgres.createDatabase();
  return {
    database,
    run: (...args) => weir(args, { env: { WEIR_DATABASE_URL: database.controlUrl } }),
  };
}
