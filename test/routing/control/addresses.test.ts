import test from 'ava';
import type { Control } from '../../../routing/control/control.ts';
import { rebuildProjections } from '../../../routing/control/projection/rebuild.ts';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { expectOk, META, pool, SHOP, startControl } from './fixture.ts';
import { kindOf, messageOf } from './ownership/ground.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const RANGES = ['203.0.113.8/30', '203.0.113.2'];
const BINDING = { ...SHOP, backendPort: 5432 } as const;

async function setUp(t: Parameters<typeof startControl>[0]) {
  const started = await startControl(t, postgres);
  expectOk(await started.control.defineAddressPool({ ranges: RANGES }, META));
  expectOk(await started.control.definePolicy({ addressQuota: 'none' }, META));
  return started;
}

function allocate(control: Control, org: string, address?: string) {
  return control.allocateAddress({ org, address }, META);
}

test('allocates the lowest free address of the pool, until there is none', async (t) => {
  const { control } = await setUp(t);
  t.like(expectOk(await allocate(control, 'acme', '203.0.113.9')), { address: '203.0.113.9', org: 'acme' });
  const got: string[] = [];
  for (const org of ['acme', 'umbrella', 'acme', 'umbrella'])
    got.push(expectOk(await allocate(control, org)).address);
  t.deepEqual(got, ['203.0.113.2', '203.0.113.8', '203.0.113.10', '203.0.113.11']);
  const refused = await allocate(control, 'acme');
  t.is(refused.kind, 'conflict');
  t.regex(messageOf(refused), /203\.0\.113\.2, 203\.0\.113\.8-203\.0\.113\.11/);
  t.deepEqual(
    (await control.listAddresses({ org: 'acme' })).map(({ address }) => address),
    ['203.0.113.2', '203.0.113.9', '203.0.113.10'],
  );
  t.is((await control.listAddresses({})).length, 5);
});

test('an address is one org’s, who may ask for it again', async (t) => {
  const { control, database } = await setUp(t);
  const first = expectOk(await allocate(control, 'acme', '203.0.113.8'));
  t.deepEqual(expectOk(await allocate(control, 'acme', '203.0.113.8')), first);
  t.deepEqual(await allocate(control, 'umbrella', '203.0.113.8'), {
    kind: 'conflict',
    message: '203.0.113.8 is taken by the org acme',
  });
  t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 3);
});

test('a repeated allocation with an idempotency key takes one address', async (t) => {
  const { control } = await setUp(t);
  const keyed = { ...META, idempotencyKey: 'address-1' };
  const first = await control.allocateAddress({ org: 'acme' }, keyed);
  t.deepEqual(await control.allocateAddress({ org: 'acme' }, keyed), { ...first, isReplay: true } as never);
  t.is((await control.listAddresses({})).length, 1);
});

test('refuses what is not of the pool, and everything while there is none', async (t) => {
  const { control } = await startControl(t, postgres);
  t.regex(messageOf(await allocate(control, 'acme')), /weir address pool RANGE/);
  t.is(kindOf(await allocate(control, 'acme', '203.0.113.8')), 'invalid');
  expectOk(await control.defineAddressPool({ ranges: RANGES }, META));
  t.deepEqual(await allocate(control, 'acme', '203.0.113.12'), {
    kind: 'invalid',
    problems: [
      { field: 'address', problem: 'must be in the pool, which is 203.0.113.2, 203.0.113.8-203.0.113.11' },
    ],
  });
  for (const address of ['', '::1', '203.0.113.8/32', 'localhost', '0.0.0.0']) {
    t.like(await allocate(control, 'acme', address), {
      kind: 'invalid',
      problems: { length: 1, 0: { field: 'address' } },
    });
  }
  t.is(kindOf(await control.releaseAddress({ address: '203.0.113.8' }, META)), 'not-found');
});

test('refuses pools that contradict themselves, and records one only where it differs', async (t) => {
  const { control, database } = await startControl(t, postgres);
  for (const ranges of [[], ['203.0.113.8/30', '203.0.113.11'], ['203.0.113.9/30'], ['fd00::/64'], ['']]) {
    t.is(kindOf(await control.defineAddressPool({ ranges }, META)), 'invalid', ranges.join());
  }
  const defined = expectOk(await control.defineAddressPool({ ranges: RANGES }, META));
  t.deepEqual(defined.ranges, ['203.0.113.2', '203.0.113.8-203.0.113.11']);
  const again = expectOk(await control.defineAddressPool({ ranges: [...defined.ranges].reverse() }, META));
  t.deepEqual(again, defined);
  t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 1);
  t.deepEqual((await control.readState({})).addressPool, defined);
});

test('keeps addresses that a narrower pool leaves outside', async (t) => {
  const { control } = await setUp(t);
  expectOk(await allocate(control, 'acme', '203.0.113.11'));
  expectOk(await control.defineAddressPool({ ranges: ['203.0.113.2'] }, META));
  expectOk(await control.allocatePort({ ...BINDING, port: 443, address: '203.0.113.11' }, META));
  expectOk(await control.releasePort({ port: 443, address: '203.0.113.11' }, META));
  expectOk(await control.releaseAddress({ address: '203.0.113.11' }, META));
  t.is(kindOf(await allocate(control, 'acme', '203.0.113.11')), 'invalid');
});

test('gives an org no more addresses than its quota, and other orgs theirs', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.defineAddressPool({ ranges: RANGES }, META));
  expectOk(await allocate(control, 'acme'));
  const refused = await allocate(control, 'acme');
  t.is(refused.kind, 'not-allowed');
  t.regex(
    messageOf(refused),
    /has 1 dedicated address, and its quota is 1; .*weir policy set --org acme --addresses N/,
  );
  expectOk(await allocate(control, 'umbrella'));
  expectOk(await control.definePolicy({ org: 'acme', addressQuota: 2 }, META));
  expectOk(await allocate(control, 'acme'));
  t.is(kindOf(await allocate(control, 'acme')), 'not-allowed');
  expectOk(await control.releaseAddress({ address: '203.0.113.2' }, META));
  t.is(expectOk(await allocate(control, 'acme')).address, '203.0.113.2');
});

test('keeps a released address from other orgs until it has cooled down, and gives it back to its own at once', async (t) => {
  const { control, database } = await setUp(t);
  expectOk(await allocate(control, 'acme'));
  expectOk(await control.releaseAddress({ address: '203.0.113.2' }, META));
  const refused = await allocate(control, 'umbrella', '203.0.113.2');
  t.is(refused.kind, 'conflict');
  t.regex(messageOf(refused), /was released by another org and is kept from others until \d{4}-/);
  t.is(expectOk(await allocate(control, 'umbrella')).address, '203.0.113.8');
  t.is(expectOk(await allocate(control, 'acme')).address, '203.0.113.2');
  expectOk(await control.releaseAddress({ address: '203.0.113.2' }, META));
  expectOk(await control.definePolicy({ coolDown: '0' }, META));
  t.is(expectOk(await allocate(control, 'umbrella')).address, '203.0.113.2');
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), { differing: 0 });
});

test('an address has cooled down when the policy’s time is over', async (t) => {
  const { control, database } = await setUp(t);
  const record = `insert into weir.events (stream, stream_version, type, schema_version, payload, actor, recorded_at)
    select 'address/' || $1, version, type, 1, jsonb_build_object('address', $1::text, 'org', 'acme'), 'ada',
      now() - $2::interval
    from (values (1, 'address.allocated'), (2, 'address.released')) as wanted (version, type)`;
  await query(database.controlUrl, record, ['203.0.113.2', '24 hours 1 second']);
  await query(database.controlUrl, record, ['203.0.113.8', '23 hours 59 minutes']);
  t.is(expectOk(await allocate(control, 'umbrella')).address, '203.0.113.2');
  t.is(expectOk(await allocate(control, 'umbrella')).address, '203.0.113.9');
  t.is(expectOk(await allocate(control, 'acme')).address, '203.0.113.8');
});

test('every port of an address is its org’s, and it is not released before them', async (t) => {
  const { control, database } = await setUp(t);
  expectOk(await allocate(control, 'acme', '203.0.113.8'));
  const bind = (port: number, org = 'acme') =>
    control.allocatePort({ ...BINDING, org, port, address: '203.0.113.8' }, META);
  expectOk(await control.definePolicy({ portQuota: 0 }, META));
  for (const port of [1, 443, 65_535]) expectOk(await bind(port));
  t.is(kindOf(await bind(443)), 'conflict');
  t.is(kindOf(await bind(80, 'umbrella')), 'conflict');
  t.is(
    kindOf(await control.allocatePort({ ...BINDING, port: 80, address: '203.0.113.9' }, META)),
    'not-allowed',
  );
  const refused = await control.releaseAddress({ address: '203.0.113.8' }, META);
  t.is(refused.kind, 'conflict');
  t.regex(messageOf(refused), /1, 443, 65535/);
  for (const port of [1, 443, 65_535])
    expectOk(await control.releasePort({ port, address: '203.0.113.8' }, META));
  expectOk(await control.releaseAddress({ address: '203.0.113.8' }, META));
  t.is(kindOf(await bind(443)), 'not-allowed');
  const { events } = expectOk(await control.listEvents({ org: 'acme' }));
  t.deepEqual(
    events.filter(({ stream }) => stream.startsWith('address/')).map(({ type }) => type),
    ['address.allocated', 'address.released'],
  );
  t.is(events.length, 8);
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), { differing: 0 });
});
