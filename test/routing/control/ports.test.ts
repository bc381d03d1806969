import test from 'ava';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { expectOk, META, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });
const BINDING = { ...SHOP, backendPort: 5432 } as const;

test('allocates the lowest free port of the pool', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: '20002' }, META));
  expectOk(await control.allocatePort({ ...BINDING, port: 20_001 }, META));
  t.is(expectOk(await control.allocatePort(BINDING, META)).port, 20_000);
  t.is(expectOk(await control.allocatePort({ ...BINDING, proxyProtocol: 'v2' }, META)).port, 20_002);
  t.is((await control.allocatePort(BINDING, META)).kind, 'conflict');
  t.deepEqual(
    (await control.listPorts({ org: 'acme' })).map(({ port }) => port),
    [20_000, 20_001, 20_002],
  );
});

test('gives a released port out again, with its own beginning', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_000 }, META));
  const first = expectOk(await control.allocatePort(BINDING, META));
  const released = expectOk(await control.releasePort({ port: '20000' }, META));
  t.is(released.createdAt, first.createdAt);
  t.deepEqual(await control.listPorts({}), []);
  t.is((await control.releasePort({ port: 20_000 }, META)).kind, 'not-found');
  t.deepEqual(await query(database.edgeUrl, 'select key, body from weir.changes'), [
    { key: 'port/20000', body: null },
  ]);
  const second = expectOk(await control.allocatePort({ ...BINDING, org: 'umbrella' }, META));
  t.deepEqual(await control.listPorts({}), [second]);
});

test('says by which org a port is taken, and no more', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.allocatePort({ ...BINDING, port: 20_000 }, META));
  t.deepEqual(await control.allocatePort({ ...BINDING, org: 'umbrella', port: 20_000 }, META), {
    kind: 'conflict',
    message: 'port 20000 is taken by the org acme',
  });
});

test('refuses an explicit port outside of the pool', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_002 }, META));
  t.deepEqual(await control.allocatePort({ ...BINDING, port: 20_003 }, META), {
    kind: 'invalid',
    problems: [{ field: 'port', problem: 'must be in the pool, which is 20000-20002' }],
  });
});

test('without a pool, allows explicit ports and says how to define one', async (t) => {
  const { control } = await startControl(t, postgres);
  t.is(expectOk(await control.allocatePort({ ...BINDING, port: '25' }, META)).port, 25);
  const result = await control.allocatePort(BINDING, META);
  t.is(result.kind, 'invalid');
  t.regex(JSON.stringify(result), /weir port pool FIRST-LAST/);
});

test('keeps ports that a narrower pool leaves outside', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  expectOk(await control.allocatePort({ ...BINDING, port: 20_009 }, META));
  expectOk(await control.definePortPool({ first: 20_000, last: 20_004 }, META));
  t.is((await control.listPorts({})).length, 1);
  t.is(expectOk(await control.releasePort({ port: 20_009 }, META)).port, 20_009);
});

test('records a pool only where it differs', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const pool = expectOk(await control.definePortPool({ first: 20_000, last: 20_002 }, META));
  t.deepEqual(expectOk(await control.definePortPool({ first: '20000', last: '20002' }, META)), pool);
  t.is((await query(database.adminUrl, 'select from weir.events')).length, 1);
  t.deepEqual(await control.definePortPool({ first: 20_002, last: 20_000 }, META), {
    kind: 'invalid',
    problems: [{ field: 'last', problem: 'must not be below the first' }],
  });
});

test('names every field of a port that is wrong', async (t) => {
  const { control } = await startControl(t, postgres);
  const result = await control.allocatePort(
    { org: '-', app: 'a', env: 'e', process: 'p', port: '0x10', backendPort: '' },
    META,
  );
  t.deepEqual(result.kind === 'invalid' ? result.problems.map(({ field }) => field) : [], [
    'port',
    'org',
    'backendPort',
  ]);
  t.is((await control.releasePort({ port: 'ssh' }, META)).kind, 'invalid');
});
