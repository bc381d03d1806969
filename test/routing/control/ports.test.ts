import test from 'ava';
import { rebuildProjections } from '../../../routing/control/projection/rebuild.ts';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { dedicate, expectOk, META, pool, SHOP, startControl } from './fixture.ts';

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
  t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 1);
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

const ADDRESS = '203.0.113.7';

test('takes the same port of the shared addresses and of each dedicated one, and gives each back alone', async (t) => {
  const { control, database } = await startControl(t, postgres);
  await dedicate(control, 'acme', [ADDRESS, '203.0.113.10']);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_001 }, META));
  const dedicated = expectOk(
    await control.allocatePort({ ...BINDING, port: 20_000, address: ADDRESS }, META),
  );
  t.is(dedicated.address, ADDRESS);
  // It is not one of the pool.
  const shared = expectOk(await control.allocatePort({ ...BINDING, org: 'umbrella' }, META));
  t.like(shared, { port: 20_000, address: null });
  const other = expectOk(
    await control.allocatePort({ ...BINDING, port: '20000', address: '203.0.113.10' }, META),
  );
  t.deepEqual(await control.listPorts({}), [shared, other, dedicated]);
  t.deepEqual(await control.listPorts({ address: ADDRESS }), [dedicated]);
  t.deepEqual(await control.allocatePort({ ...BINDING, port: 20_000, address: ADDRESS }, META), {
    kind: 'conflict',
    message: 'port 20000 of 203.0.113.7 is taken by the org acme',
  });

  t.like(expectOk(await control.releasePort({ port: 20_000, address: ADDRESS }, META)), { address: ADDRESS });
  t.deepEqual(await control.releasePort({ port: 20_000, address: ADDRESS }, META), {
    kind: 'not-found',
    message: 'port 20000 of 203.0.113.7 is not allocated',
  });
  t.deepEqual(await control.listPorts({}), [shared, other]);
  t.like(expectOk(await control.releasePort({ port: 20_000 }, META)), { org: 'umbrella' });
  t.deepEqual(
    await query(database.edgeUrl, 'select key, body is null as is_gone from weir.changes order by key'),
    [
      { key: 'port/20000', is_gone: true },
      { key: 'port/203.0.113.10:20000', is_gone: false },
      { key: 'port/203.0.113.7:20000', is_gone: true },
    ],
  );
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), { differing: 0 });
});

test('takes any port of a dedicated address, whatever the pool is', async (t) => {
  const { control } = await startControl(t, postgres);
  await dedicate(control, 'acme', [ADDRESS]);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_000 }, META));
  for (const port of [1, 443, 65_535]) {
    t.is(expectOk(await control.allocatePort({ ...BINDING, port, address: ADDRESS }, META)).port, port);
  }
  const events = expectOk(await control.listEvents({ stream: 'port/203.0.113.7:443' })).events;
  t.is(events[0]?.summary, 'port 443 of 203.0.113.7 → acme/shop/production/web port 5432');
});

test('refuses a dedicated address that the org has not got, with who has it', async (t) => {
  const { control } = await startControl(t, postgres);
  await dedicate(control, 'umbrella', [ADDRESS]);
  const allocate = (address: string) => control.allocatePort({ ...BINDING, port: 443, address }, META);
  t.deepEqual(await allocate(ADDRESS), {
    kind: 'conflict',
    message: '203.0.113.7 is taken by the org umbrella',
  });
  t.deepEqual(await allocate('203.0.113.8'), {
    kind: 'not-allowed',
    message:
      'the org acme has not been given 203.0.113.8; allocate it first with `weir address allocate --org acme --address 203.0.113.8`',
  });
});

test('refuses more shared ports than the quota, and counts none of a dedicated address', async (t) => {
  const { control } = await startControl(t, postgres);
  await dedicate(control, 'acme', [ADDRESS]);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_099 }, META));
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 2 }, META));
  for (const port of [1, 2, 3]) {
    expectOk(await control.allocatePort({ ...BINDING, port, address: ADDRESS }, META));
  }
  expectOk(await control.allocatePort(BINDING, META));
  expectOk(await control.allocatePort(BINDING, META));
  t.deepEqual(await control.allocatePort(BINDING, META), {
    kind: 'not-allowed',
    message:
      'the org acme has 2 ports, and its quota is 2; release one, or raise it with `weir policy set --org acme --ports N`',
  });
  expectOk(await control.releasePort({ port: 20_000 }, META));
  t.is(expectOk(await control.allocatePort(BINDING, META)).port, 20_000);
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 'default' }, META));
  expectOk(await control.allocatePort(BINDING, META));
});

test('refuses a dedicated address that is none, and one without a port', async (t) => {
  const { control } = await startControl(t, postgres);
  for (const address of [
    '',
    '::1',
    'fd00::1',
    '::ffff:203.0.113.7',
    '0.0.0.0',
    'localhost',
    '203.0.113.0/24',
  ]) {
    const result = await control.allocatePort({ ...BINDING, port: 443, address }, META);
    t.like(result, { kind: 'invalid', problems: { length: 1, 0: { field: 'address' } } }, address);
    t.like(await control.releasePort({ port: 443, address }, META), { kind: 'invalid' });
  }
  t.deepEqual(await control.allocatePort({ ...BINDING, address: ADDRESS }, META), {
    kind: 'invalid',
    problems: [{ field: 'port', problem: 'is required with a dedicated address' }],
  });
});
