import test from 'ava';
import { rebuildProjections } from '../../../routing/control/projection/rebuild.ts';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { expectOk, META, pool, SHOP, startControl } from './fixture.ts';
import { kindOf } from './ownership/ground.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const BINDING = { ...SHOP, backendPort: 5432 } as const;
const DAY_MS = 86_400_000;

test('shows what holds while nobody has said otherwise', async (t) => {
  const { control } = await startControl(t, postgres);
  const [policy, ...others] = await control.listPolicies({});
  t.like(policy, { org: null, portQuota: 10, addressQuota: 1, coolDownMs: DAY_MS, revision: 0 });
  t.deepEqual(others, []);
});

test('changes only what is named', async (t) => {
  const { control } = await startControl(t, postgres);
  t.like(expectOk(await control.definePolicy({ portQuota: '3' }, META)), {
    ...{ org: null, portQuota: 3, addressQuota: 1, coolDownMs: DAY_MS, revision: 1 },
  });
  expectOk(await control.definePolicy({ addressQuota: 'none' }, META));
  const all = expectOk(await control.definePolicy({ coolDown: '90m' }, META));
  t.like(all, { portQuota: 3, addressQuota: 'none', coolDownMs: 5_400_000 });
  const own = expectOk(await control.definePolicy({ org: 'acme', portQuota: 'none' }, META));
  t.like(own, { org: 'acme', portQuota: 'none', addressQuota: 'default', coolDownMs: null });
  t.deepEqual(await control.listPolicies({}), [all, own]);
  t.deepEqual(await control.listPolicies({ org: 'umbrella' }), [all]);
});

test('records a policy only where it differs', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const all = expectOk(await control.definePolicy({ portQuota: 10, coolDown: '24h' }, META));
  t.deepEqual(expectOk(await control.definePolicy({ portQuota: '10', addressQuota: 1 }, META)), all);
  const own = expectOk(await control.definePolicy({ org: 'acme', portQuota: 1 }, META));
  t.deepEqual(expectOk(await control.definePolicy({ org: 'acme', addressQuota: 'default' }, META)), own);
  t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 2);
});

test('refuses what is no policy', async (t) => {
  const { control, database } = await startControl(t, postgres);
  for (const [input, field] of [
    [{}, 'portQuota'],
    [{ org: 'acme' }, 'portQuota'],
    [{ portQuota: -1 }, 'portQuota'],
    [{ portQuota: 'default' }, 'portQuota'],
    [{ addressQuota: 'many' }, 'addressQuota'],
    [{ coolDown: '1d' }, 'coolDown'],
    [{ coolDown: '-1s' }, 'coolDown'],
    [{ coolDown: '8785h' }, 'coolDown'],
    [{ org: 'acme', coolDown: '1h' }, 'coolDown'],
    [{ org: 'No Name', portQuota: 1 }, 'org'],
  ] as const) {
    const result = await control.definePolicy(input, META);
    t.deepEqual(
      result.kind === 'invalid' ? result.problems.map((problem) => problem.field) : result.kind,
      [field],
      JSON.stringify(input),
    );
  }
  t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 0);
});

test('bounds the shared ports of an org by its own quota, by that of all, and by neither', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  expectOk(await control.definePolicy({ portQuota: 1 }, META));
  expectOk(await control.allocatePort(BINDING, META));
  t.deepEqual(await control.allocatePort(BINDING, META), {
    kind: 'not-allowed',
    message:
      'the org acme has 1 port, and its quota is 1; release one, or raise it with `weir policy set --org acme --ports N`',
  });
  expectOk(await control.allocatePort({ ...BINDING, org: 'umbrella' }, META));
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 2 }, META));
  expectOk(await control.allocatePort({ ...BINDING, port: 20_005 }, META));
  t.is(kindOf(await control.allocatePort({ ...BINDING, port: 20_006 }, META)), 'not-allowed');
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 'none' }, META));
  expectOk(await control.allocatePort({ ...BINDING, port: 20_006 }, META));
  // Who has more than a new quota keeps it, and gets no more.
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 'default' }, META));
  t.is(kindOf(await control.allocatePort(BINDING, META)), 'not-allowed');
  t.is((await control.listPorts({ org: 'acme' })).length, 3);
  for (const port of [20_000, 20_005, 20_006]) expectOk(await control.releasePort({ port }, META));
  t.is(expectOk(await control.allocatePort(BINDING, META)).port, 20_000);
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 0 }, META));
  t.is(kindOf(await control.allocatePort(BINDING, META)), 'not-allowed');
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), { differing: 0 });
});

test('the log says whose a policy is', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.definePolicy({ portQuota: 1 }, META));
  expectOk(await control.definePolicy({ org: 'umbrella', portQuota: 'default' }, META));
  const { events } = expectOk(await control.listEvents({ org: 'umbrella' }));
  t.deepEqual(
    events.map(({ type, stream }) => [type, stream]),
    [['org-policy.defined', 'policy/umbrella']],
  );
});

test('what was released is kept as long as the policy of now says', async (t) => {
  const { control } = await startControl(t, postgres);
  const domain = 'shop.example.net';
  const claim = (org: string) => control.claimDomain({ domain, org, isTrusted: true }, META);
  expectOk(await claim('umbrella'));
  expectOk(await control.releaseDomain({ domain, org: 'umbrella' }, META));
  t.is(kindOf(await claim('globex')), 'conflict');
  expectOk(await control.definePolicy({ coolDown: '0' }, META));
  expectOk(await claim('globex'));
});
