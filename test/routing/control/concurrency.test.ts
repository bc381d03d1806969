import test from 'ava';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { connect, expectOk, META, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });
const WRITERS = 8;

test('gives no port to two of eight writers', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.definePolicy({ portQuota: 'none' }, META));
  expectOk(await control.definePortPool({ first: 20_000, last: 20_038 }, META));
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => connect(t, database)));
  const results = await Promise.all(
    writers.flatMap((writer) =>
      Array.from({ length: 5 }, () => writer.allocatePort({ ...SHOP, backendPort: 1 }, META)),
    ),
  );
  const ports = results.flatMap((result) => (result.kind === 'ok' ? [result.value.port] : []));
  // 40 wishes, 39 ports.
  t.deepEqual(
    ports.toSorted((a, b) => a - b),
    Array.from({ length: 39 }, (_, index) => 20_000 + index),
  );
  t.is(results.filter((result) => result.kind === 'conflict').length, 1);
});

test('lets one of eight writers create a route, and tells the others', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => connect(t, database)));
  const results = await Promise.all(
    writers.map((writer, index) =>
      writer.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: index + 1 }, META),
    ),
  );
  t.is(results.filter((result) => result.kind === 'ok').length, 1);
  t.is(results.filter((result) => result.kind === 'conflict').length, WRITERS - 1);
  const winner = results.find((result) => result.kind === 'ok');
  t.deepEqual(await control.listRoutes({}), [winner?.kind === 'ok' ? winner.value : null] as never);
});

test('decides again after a lost race, so that no update undoes another', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: 1 }, META));
  const updates = [
    { app: 'hive' },
    { env: 'staging' },
    { process: 'api' },
    { backendPort: 9 },
    { proxyProtocol: 'v2' },
  ];
  const results = await Promise.all(
    updates.map((update) => control.updateRoute({ hostname: 'www.example.com', ...update }, META)),
  );
  t.true(results.every((result) => result.kind === 'ok'));
  const expected = { app: 'hive', env: 'staging', process: 'api', backendPort: 9 };
  t.like((await control.listRoutes({}))[0], { ...expected, proxyProtocol: 'v2', revision: 6 });
  const versions = await query(database.adminUrl, 'select max(stream_version) from weir.events');
  t.deepEqual(versions, [{ max: 6 }]);
});
