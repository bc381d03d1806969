import test from 'ava';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { connect, expectOk, META, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });
const ROUTE = { hostname: 'www.example.com', ...SHOP, backendPort: 8443 } as const;
const KEYED = { ...META, idempotencyKey: 'deploy-1' } as const;

test('answers a repeated command with what came of the first, whatever came later', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const first = expectOk(await control.createRoute(ROUTE, KEYED));
  expectOk(await control.updateRoute({ hostname: 'www.example.com', backendPort: 1 }, META));
  expectOk(await control.deleteRoute({ hostname: 'www.example.com' }, META));
  // Spelt otherwise, and by somebody else: what is asked for is the same.
  const again = await control.createRoute(
    { ...ROUTE, hostname: 'WWW.example.com.', backendPort: '8443' },
    { ...KEYED, actor: 'bob' },
  );
  t.deepEqual(again, { kind: 'ok', value: first, isReplay: true });
  t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 3);
});

test('keeps the same result for the same key also where nothing had to be done', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.createRoute(ROUTE, META));
  const update = { hostname: 'www.example.com', backendPort: 8443 };
  const first = await control.updateRoute(update, KEYED);
  expectOk(await control.updateRoute({ ...update, backendPort: 1 }, META));
  t.deepEqual(await control.updateRoute(update, KEYED), { ...first, isReplay: true } as never);
});

test('refuses a key that was used for another command', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.createRoute(ROUTE, KEYED));
  t.is((await control.createRoute({ ...ROUTE, backendPort: 1 }, KEYED)).kind, 'conflict');
  t.is((await control.deleteRoute({ hostname: 'www.example.com' }, KEYED)).kind, 'conflict');
});

test('does not keep a refusal: the same command may work the next time', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.createRoute(ROUTE, META));
  t.is((await control.createRoute(ROUTE, KEYED)).kind, 'conflict');
  expectOk(await control.deleteRoute({ hostname: 'www.example.com' }, META));
  t.like(await control.createRoute(ROUTE, KEYED), { kind: 'ok', isReplay: false });
});

test('carries out a command once that comes eight times at once', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_100 }, META));
  const writers = await Promise.all(Array.from({ length: 8 }, () => connect(t, database)));
  const results = await Promise.all(
    writers.map((writer) => writer.allocatePort({ ...SHOP, backendPort: 1 }, KEYED)),
  );
  t.deepEqual(
    results.map((result) => expectOk(result).port),
    Array.from({ length: 8 }, () => 20_000),
  );
  t.is(results.filter((result) => result.kind === 'ok' && !result.isReplay).length, 1);
  t.is((await control.listPorts({})).length, 1);
});
