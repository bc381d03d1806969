import test from 'ava';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { expectOk, META, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });
const INSTANCE = { ...SHOP, instance: 'i1', address: 'fd00::1' } as const;

test('reports an endpoint through its life', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const bodies = async () =>
    (await query<{ body: unknown }>(database.edgeUrl, 'select body from weir.changes')).map(
      ({ body }) => body,
    );
  const service = 'acme/shop/production/web';

  const ready = expectOk(await control.reportEndpoint(INSTANCE, META));
  t.like(ready, { state: 'ready', address: 'fd00::1', revision: 1 });
  t.deepEqual(await bodies(), [{ service, instance: 'i1', address: 'fd00::1', isReady: true }]);

  t.is(expectOk(await control.reportEndpoint({ ...INSTANCE, state: 'not-ready' }, META)).revision, 2);
  t.deepEqual(await bodies(), [{ service, instance: 'i1', address: 'fd00::1', isReady: false }]);
  t.like((await control.listEndpoints({}))[0], { state: 'not-ready' });

  const gone = await control.reportEndpoint({ ...SHOP, instance: 'i1', state: 'gone' }, META);
  t.like(expectOk(gone), { state: 'gone', address: 'fd00::1', revision: 3 });
  t.deepEqual(await bodies(), [null]);
  t.deepEqual(await control.listEndpoints({}), []);
});

test('records a state once, and an address that moves', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const first = expectOk(await control.reportEndpoint(INSTANCE, META));
  t.deepEqual(expectOk(await control.reportEndpoint({ ...INSTANCE, address: 'FD00::1' }, META)), first);
  t.is(
    expectOk(await control.reportEndpoint({ ...INSTANCE, address: '192.0.2.1' }, META)).address,
    '192.0.2.1',
  );
  t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 2);
});

test('does not know an instance that was never there, or is gone', async (t) => {
  const { control } = await startControl(t, postgres);
  t.is((await control.reportEndpoint({ ...INSTANCE, state: 'gone' }, META)).kind, 'not-found');
  expectOk(await control.reportEndpoint(INSTANCE, META));
  expectOk(await control.reportEndpoint({ ...INSTANCE, state: 'gone' }, META));
  t.is((await control.reportEndpoint({ ...INSTANCE, state: 'gone' }, META)).kind, 'not-found');
});

test('names every field of a report that is wrong', async (t) => {
  const { control } = await startControl(t, postgres);
  const result = await control.reportEndpoint(
    { ...SHOP, org: '', instance: 'I 1', address: '::', state: 'sleepy' },
    META,
  );
  t.deepEqual(result.kind === 'invalid' ? result.problems.map(({ field }) => field) : [], [
    'org',
    'instance',
    'address',
    'state',
  ]);
  const { address: _, ...homeless } = INSTANCE;
  t.deepEqual(await control.reportEndpoint(homeless, META), {
    kind: 'invalid',
    problems: [{ field: 'address', problem: 'is required' }],
  });
});

test('lists endpoints by each part of their service', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.reportEndpoint(INSTANCE, META));
  expectOk(await control.reportEndpoint({ ...INSTANCE, process: 'api' }, META));
  expectOk(await control.reportEndpoint({ ...INSTANCE, org: 'umbrella' }, META));
  t.is((await control.listEndpoints({ org: 'acme' })).length, 2);
  t.is((await control.listEndpoints({ org: 'acme', process: 'api' })).length, 1);
  t.is((await control.listEndpoints({ app: 'shop', env: 'production' })).length, 3);
  t.is((await control.listEndpoints({ env: 'staging' })).length, 0);
});
