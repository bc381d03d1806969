import test from 'ava';
import { lockName } from '../../../../routing/control/ownership/name-lock.ts';
import type { Wanted } from '../../../../routing/control/wanted.ts';
import type { Domain } from '../../../../routing/model/domain.ts';
import { startTestPostgres } from '../../../support/postgres.ts';
import { dedicate, expectOk, META, pool, SHOP, startControl } from '../fixture.ts';
import { applied, countEvents, domain, done, endpoint, port, refusals, route } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

test('creates, updates and leaves alone, and records only what differs', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  const wanted = [endpoint('i-1'), port(20_000), route('b.example.com'), route('a.example.com')];
  const first = await applied(control, wanted);
  t.deepEqual(done(first), [
    'create route tls b.example.com',
    'create route tls a.example.com',
    'create port 20000',
    'create endpoint acme/shop/production/web/i-1',
  ]);
  t.is(first.revision, 5);
  const before = await countEvents(t, database);

  const again = await applied(control, wanted);
  t.deepEqual(done(again), []);
  t.is(again.changes.length, 4);
  t.is(again.revision, null);
  t.is(await countEvents(t, database), before);

  const changed = await applied(control, [
    endpoint('i-1', '10.0.0.2'),
    port(20_000, 'db'),
    route('b.example.com'),
    route('a.example.com', 9443),
  ]);
  t.deepEqual(done(changed), [
    'update route tls a.example.com',
    'update port 20000',
    'update endpoint acme/shop/production/web/i-1',
  ]);
  const [update] = changed.changes.filter(({ action }) => action === 'update');
  t.like(update, { index: 3, before: { backendPort: 8443 }, after: { backendPort: 9443 } });
  t.is(await countEvents(t, database), before + 3);
  t.like(await control.listRoutes({}), [{ backendPort: 9443 }, { backendPort: 8443 }]);
});

test('takes the routes of one name for what they are, by what they ask for', async (t) => {
  const { control } = await startControl(t, postgres);
  const asking = (alpn: string, backendPort = 8443): Wanted => ({
    kind: 'route',
    input: { ...SHOP, hostname: 'a.example.com', alpn, backendPort },
  });
  const first = await applied(control, [asking('h2'), route('a.example.com'), asking('acme-tls/1')]);
  t.deepEqual(done(first), [
    'create route tls a.example.com alpn h2',
    'create route tls a.example.com',
    'create route tls a.example.com alpn acme-tls/1',
  ]);
  const wanted = [asking('h2', 9443), route('a.example.com')];
  const pruned = await applied(control, wanted, { org: 'acme', isPruning: true });
  t.deepEqual(done(pruned), [
    'update route tls a.example.com alpn h2',
    'delete route tls a.example.com alpn acme-tls/1',
  ]);
  t.like(pruned.changes[0], { before: { backendPort: 8443 }, after: { alpn: 'h2', backendPort: 9443 } });
  t.deepEqual(done(await applied(control, wanted, { org: 'acme', isPruning: true })), []);
});

test('what was deleted before is created anew', async (t) => {
  const { control } = await startControl(t, postgres);
  await applied(control, [route('a.example.com'), endpoint('i-1')]);
  expectOk(await control.deleteRoute({ hostname: 'a.example.com' }, META));
  expectOk(await control.reportEndpoint({ ...SHOP, instance: 'i-1', state: 'gone' }, META));
  const { changes } = await applied(control, [route('a.example.com'), endpoint('i-1')]);
  t.deepEqual(
    changes.map(({ action, before }) => [action, before]),
    [
      ['create', null],
      ['create', null],
    ],
  );
});

test('a dry run says the same and leaves nothing behind', async (t) => {
  const { control, database } = await startControl(t, postgres);
  await applied(control, [route('a.example.com'), route('b.example.com')]);
  const before = await countEvents(t, database);
  const wanted = [route('a.example.com', 9443), route('c.example.com')];
  const options = { org: 'acme', isPruning: true };
  const plans: unknown[] = [];
  const dry = await applied(control, wanted, {
    ...options,
    isDryRun: true,
    onPlan: (changes) => plans.push(changes),
  });
  t.is(await countEvents(t, database), before);
  t.is(dry.revision, null);
  t.true(dry.isDryRun);
  const real = await applied(control, wanted, { ...options, onPlan: (changes) => plans.push(changes) });
  t.deepEqual(real.changes, dry.changes);
  t.deepEqual(plans, [dry.changes, real.changes]);
  t.deepEqual(done(real), [
    'update route tls a.example.com',
    'create route tls c.example.com',
    'delete route tls b.example.com',
  ]);
});

test('the plan is told before anything is done: what fails there leaves nothing behind', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const onPlan = () => {
    throw new Error('nobody reads it');
  };
  await t.throwsAsync(control.apply([route('a.example.com')], { onPlan }, META));
  t.is(await countEvents(t, database), 0);
  t.is(done(await applied(control, [route('a.example.com')])).length, 1);
});

test('one refusal of many refuses everything, and every refusal is told', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.claimDomain({ domain: 'taken.net', org: 'other', isTrusted: true }, META));
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  const before = await countEvents(t, database);
  const good = Array.from({ length: 20 }, (_, index) => route(`www-${index}.example.com`));
  const result = await control.apply(
    [...good, route('www.taken.net'), route('www.nobodys.net'), port(19_999), domain('eu.taken.net')],
    {},
    META,
  );
  t.deepEqual(refusals(result), [
    [
      23,
      'conflict',
      'taken.net, which has eu.taken.net in it, is held by the org other; choose another name, or have them release it',
    ],
    [
      20,
      'conflict',
      'taken.net, which has www.taken.net in it, is held by the org other; choose another name, or have them release it',
    ],
    [
      21,
      'not-allowed',
      'the org acme holds no domain that www.nobodys.net lies in; claim one first, as in `weir domain claim www.nobodys.net --org acme`',
    ],
    [22, 'invalid', 'port must be in the pool, which is 20000-20009'],
  ]);
  t.is(await countEvents(t, database), before);
  t.deepEqual(await control.listRoutes({}), []);
});

test('a route in a domain that is claimed with it is told to wait, without a record that would be gone', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const wanted = [route('www.shop.net'), domain('shop.net')];
  const before = await countEvents(t, database);
  const [refusal, ...others] = refusals(await control.apply(wanted, {}, META));
  t.deepEqual(others, []);
  t.is(refusal?.[0], 0);
  t.is(refusal?.[1], 'not-allowed');
  t.regex(
    refusal?.[2] ?? '',
    /^the org acme claims shop\.net with this apply only, .* apply the claim alone first/,
  );
  t.notRegex(refusal?.[2] ?? '', /weir-verify=/);
  t.is(await countEvents(t, database), before);

  await applied(control, [domain('shop.net')]);
  const [pending] = refusals(await control.apply(wanted, {}, META));
  const [claim] = await control.listDomains({ org: 'acme' });
  t.true(pending?.[2].includes(`weir-verify=${claim?.token}`));
});

test('two ports swap their targets in one apply', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_001 }, META));
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 2 }, META));
  await applied(control, [port(20_000, 'one'), port(20_001, 'two')]);
  const swapped = await applied(control, [port(20_000, 'two'), port(20_001, 'one')]);
  t.deepEqual(done(swapped), ['update port 20000', 'update port 20001']);
  t.like(await control.listPorts({}), [{ process: 'two' }, { process: 'one' }]);
  t.is(await countEvents(t, database), 6);
});

test('a port without a number stays the same, also where another is bound beside it or takes its number', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  const any = { kind: 'port', input: { ...SHOP, backendPort: 5432 } } as const;
  t.like((await applied(control, [any])).changes, [{ action: 'create', after: { port: 20_000 } }]);
  t.deepEqual(done(await applied(control, [any])), []);
  t.like((await applied(control, [any, port(20_001, 'other')])).changes, [
    { action: 'create', after: { port: 20_001 } },
    { action: 'unchanged', after: { port: 20_000 } },
  ]);

  const usurped = [any, port(20_000, 'other'), port(20_001, 'other')];
  t.like((await applied(control, usurped)).changes, [
    { action: 'update', after: { port: 20_000 } },
    { action: 'unchanged' },
    { action: 'create', after: { port: 20_002 } },
  ]);
  t.deepEqual(done(await applied(control, usurped)), []);
});

test('a port without a number that would be another wanted one made differently is refused', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  const before = await countEvents(t, database);
  const any = { kind: 'port', input: { ...SHOP, backendPort: 5432, proxyProtocol: 'v2' } } as const;
  t.deepEqual(refusals(await control.apply([port(20_000), any], {}, META)), [
    [1, 'conflict', 'it would undo what port 20000 of the same apply has made; keep one of them'],
  ]);
  t.is(await countEvents(t, database), before);
});

test('a route stays with its org', async (t) => {
  const { control } = await startControl(t, postgres);
  await applied(control, [route('www.example.com')]);
  const [refusal] = refusals(await control.apply([route('www.example.com', 8443, 'other')], {}, META));
  t.is(refusal?.[1], 'conflict');
  t.like(await control.listRoutes({}), [{ org: 'acme' }]);
});

test('an org that is named is the only one, and only the operator defines pools and policies for it', async (t) => {
  const { control } = await startControl(t, postgres);
  const policy = { kind: 'policy', input: { org: 'acme', portQuota: 5 } } as const;
  const ports = { kind: 'port-pool', input: { first: 20_000, last: 20_009 } } as const;
  const addresses = { kind: 'address-pool', input: { ranges: ['203.0.113.7'] } } as const;
  const wanted = [route('a.example.com', 8443, 'other'), policy, ports, addresses];
  const refused = refusals(await control.apply(wanted, { org: 'acme' }, META));
  t.deepEqual(
    refused.map(([index, kind]) => [index, kind]),
    [
      [0, 'invalid'],
      [1, 'not-allowed'],
      [2, 'not-allowed'],
      [3, 'not-allowed'],
    ],
  );
  t.is(refused[1]?.[2], 'only the operator can define what an org may take; add --trusted where you are');
  t.is(done(await applied(control, [policy, ports, addresses], { org: 'acme', isTrusted: true })).length, 3);
  t.is(done(await applied(control, [policy, ports, addresses])).length, 0);
});

test('an address that the org has is left alone, and quotas and pools do not bound the operator', async (t) => {
  const { control } = await startControl(t, postgres);
  await dedicate(control, 'acme', ['203.0.113.7']);
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 0, addressQuota: 1 }, META));
  expectOk(await control.definePortPool({ first: 20_000, last: 20_000 }, META));
  const held = { kind: 'address', input: { org: 'acme', address: '203.0.113.7' } } as const;
  const more = { kind: 'address', input: { org: 'acme', address: '198.51.100.9' } } as const;
  t.deepEqual(done(await applied(control, [held])), []);
  const refused = refusals(await control.apply([held, more, port(20_001)], {}, META));
  t.deepEqual(
    refused.map(([index, kind]) => [index, kind]),
    [
      [1, 'invalid'],
      [2, 'invalid'],
    ],
  );
  t.deepEqual(done(await applied(control, [held, more, port(20_001)], { isTrusted: true })), [
    'create address 198.51.100.9',
    'create port 20001',
  ]);
});

test('an actor that cannot be recorded is refused as such', async (t) => {
  const { control } = await startControl(t, postgres);
  const result = await control.apply([route('a.example.com')], {}, { actor: '' });
  t.deepEqual(result, { kind: 'invalid', problems: [{ field: 'actor', problem: 'is required' }] });
});

test('however many names a transaction decides on, it holds a bounded number of locks', async (t) => {
  const { database } = await startControl(t, postgres);
  const held = await pool(t, database).transaction(async (transaction) => {
    for (let index = 0; index < 3_000; index += 1) {
      await lockName(transaction, `www.shop-${index}.net` as Domain);
    }
    const [row] = await transaction.query<{ count: number }>(
      `select count(*)::integer as count from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'`,
    );
    return { end: 'rollback', value: row?.count ?? Number.NaN };
  });
  t.true(held > 500 && held <= 1_025, String(held));
});
