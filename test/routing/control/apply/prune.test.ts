import test from 'ava';
import { startTestPostgres } from '../../../support/postgres.ts';
import { connect, dedicate, expectOk, META, pool, SHOP, startControl } from '../fixture.ts';
import { applied, countEvents, domain, done, endpoint, port, refusals, route } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });
const ACME = { org: 'acme', isPruning: true } as const;

test('takes away the routes and ports of the one org that are not wanted, and nothing of others', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  expectOk(await control.claimDomain({ domain: 'other.net', org: 'other', isTrusted: true }, META));
  await applied(control, [
    ...[route('a.example.com'), route('b.example.com'), port(20_000), port(20_001), endpoint('i-1')],
    route('www.other.net', 8443, 'other'),
    { kind: 'port', input: { ...SHOP, org: 'other', port: 20_002, backendPort: 1 } },
  ]);
  const pruned = await applied(control, [route('a.example.com'), port(20_001)], ACME);
  t.deepEqual(done(pruned), ['delete port 20000', 'delete route tls b.example.com']);
  t.like(pruned.changes.at(-1), {
    action: 'delete',
    index: null,
    before: { backendPort: 8443 },
    after: null,
  });
  t.deepEqual(
    (await control.listRoutes({})).map(({ hostname }) => hostname),
    ['a.example.com', 'www.other.net'],
  );
  t.deepEqual(
    (await control.listPorts({})).map((each) => each.port),
    [20_001, 20_002],
  );
  t.is((await control.listEndpoints({})).length, 1);
});

test('endpoints, domains and addresses go only where others of their kind are wanted', async (t) => {
  const { control } = await startControl(t, postgres);
  await dedicate(control, 'acme', ['203.0.113.7', '203.0.113.8']);
  for (const name of ['one.net', 'two.net']) {
    expectOk(await control.claimDomain({ domain: name, org: 'acme', isTrusted: true }, META));
  }
  await applied(control, [route('www.one.net'), endpoint('i-1'), endpoint('i-2'), domain('three.net')]);

  t.deepEqual(done(await applied(control, [route('www.one.net')], ACME)), []);
  t.deepEqual(done(await applied(control, [route('www.one.net'), endpoint('i-2')], ACME)), [
    'delete endpoint acme/shop/production/web/i-1',
  ]);
  const address = { kind: 'address', input: { org: 'acme', address: '203.0.113.8' } } as const;
  t.deepEqual(done(await applied(control, [route('www.one.net'), address], ACME)), [
    'delete address 203.0.113.7',
  ]);
  t.deepEqual(done(await applied(control, [route('www.one.net'), domain('one.net')], ACME)), [
    'delete domain three.net of acme',
    'delete domain two.net of acme',
  ]);
});

test('a domain that is not wanted stays where its routes are', async (t) => {
  const { control, database } = await startControl(t, postgres);
  for (const name of ['one.net', 'two.net']) {
    expectOk(await control.claimDomain({ domain: name, org: 'acme', isTrusted: true }, META));
  }
  await applied(control, [route('www.two.net')]);
  const before = await countEvents(t, database);
  t.deepEqual(refusals(await control.apply([route('www.two.net'), domain('one.net')], ACME, META)), [
    [null, 'conflict', 'two.net is in use by the route www.two.net; delete it first'],
  ]);
  t.is(await countEvents(t, database), before);
  t.deepEqual(done(await applied(control, [route('www.one.net'), domain('one.net')], ACME)), [
    'create route tls www.one.net',
    'delete route tls www.two.net',
    'delete domain two.net of acme',
  ]);
});

test('what is taken away makes room in the quota for what is made', async (t) => {
  const { control } = await startControl(t, postgres);
  await dedicate(control, 'acme', ['203.0.113.7', '203.0.113.8']);
  expectOk(await control.releaseAddress({ address: '203.0.113.8' }, META));
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 1, addressQuota: 1 }, META));
  const on = (address: string) =>
    ({ kind: 'port', input: { ...SHOP, port: 443, address, backendPort: 1 } }) as const;
  await applied(control, [port(20_000), on('203.0.113.7')]);
  const address = { kind: 'address', input: { org: 'acme', address: '203.0.113.8' } } as const;
  t.deepEqual(done(await applied(control, [address, port(20_001), on('203.0.113.8')], ACME)), [
    'delete port 203.0.113.7:443',
    'delete port 20000',
    'delete address 203.0.113.7',
    'create address 203.0.113.8',
    'create port 20001',
    'create port 203.0.113.8:443',
  ]);
});

test('a name below a platform domain goes with its last route, and not while another takes its place', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const platform = { domain: 'apps.net', org: 'host', isTrusted: true, isPlatform: true };
  expectOk(await control.claimDomain(platform, META));
  await applied(control, [route('shop.apps.net'), route('a.example.com')]);
  const before = await countEvents(t, database);
  await applied(control, [route('www.shop.apps.net'), route('a.example.com')], ACME);
  t.is(await countEvents(t, database), before + 2);
  await applied(control, [route('a.example.com')], ACME);
  t.is(await countEvents(t, database), before + 4);
  t.deepEqual(
    (await control.listDomains({})).map((each) => each.domain),
    ['apps.net'],
  );
});

test('nothing but what the files say is wanted is a reason to prune all routes', async (t) => {
  const { control } = await startControl(t, postgres);
  await applied(control, [route('a.example.com')]);
  t.deepEqual(done(await applied(control, [], ACME)), ['delete route tls a.example.com']);
});

test('without an org nothing is pruned', async (t) => {
  const { control } = await startControl(t, postgres);
  await applied(control, [route('a.example.com')]);
  t.deepEqual(refusals(await control.apply([], { isPruning: true }, META)), [
    [null, 'invalid', 'org is required to prune: only what one org has is ever taken away'],
  ]);
  t.is((await control.listRoutes({})).length, 1);
});

test('what another org has got since it was projected is not taken away', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  await applied(control, [port(20_000), route('a.example.com')]);
  // Recorded, and not projected: nobody but this test waits for it.
  await pool(t, database).query(
    `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
     select stream, 2, 'port.released', schema_version, payload, 'test' from weir.events
     where stream = 'port/20000' and stream_version = 1`,
  );
  await pool(t, database).query(
    `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
     select stream, 3, 'port.allocated', schema_version,
       payload || '{"service": "other/shop/production/web"}', 'test' from weir.events
     where stream = 'port/20000' and stream_version = 1`,
  );
  t.deepEqual(done(await applied(control, [route('a.example.com')], ACME)), []);
  const second = await connect(t, database);
  await applied(second, [route('b.example.com')]);
  t.like(await second.listPorts({}), [{ port: 20_000, org: 'other' }]);
});
