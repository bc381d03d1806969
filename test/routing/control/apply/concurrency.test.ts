import test from 'ava';
import type { CommandResult, Control } from '../../../../routing/control/control.ts';
import { query, startTestPostgres } from '../../../support/postgres.ts';
import { connect, expectOk, META, SHOP, startControl } from '../fixture.ts';
import { applied, countEvents, endpoint, port, route } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });
const ROUNDS = 20;
const NAMES = 12;

test('two applies at once end as one after the other, whole', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const other = await connect(t, database);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_000 + NAMES }, META));
  expectOk(await control.definePolicy({ portQuota: 'none' }, META));
  for (let round = 1; round <= ROUNDS; round += 1) {
    const [one, two] = [2 * round, 2 * round + 1];
    await Promise.all([
      applied(control, things(one), { org: 'acme', isPruning: true }),
      applied(other, things(two).toReversed(), { org: 'acme', isPruning: true }),
    ]);
    const routes = await control.listRoutes({});
    const ports = await control.listPorts({});
    const winner = routes[0]?.backendPort;
    t.true(winner === one || winner === two);
    t.deepEqual(new Set(routes.map(({ backendPort }) => backendPort)), new Set([winner]));
    t.deepEqual(new Set(ports.map(({ process }) => process)), new Set([`p-${winner}`]));
    t.is(routes.length + ports.length, 2 * NAMES);
  }
});

test('applies and single commands get on with each other, and no deadlock comes to light', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.definePortPool({ first: 20_000, last: 20_000 + 2 * NAMES }, META));
  expectOk(await control.definePolicy({ portQuota: 'none', coolDown: '0' }, META));
  const platform = { domain: 'apps.net', org: 'host', isTrusted: true, isPlatform: true };
  expectOk(await control.claimDomain(platform, META));
  const writers = await Promise.all([1, 2, 3].map(() => connect(t, database)));

  const kinds = new Set<string>();
  let whole = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const wanted = [
      ...things(round),
      route(`shop-${round % 3}.apps.net`, round),
      endpoint('i-1', `10.0.0.${round}`),
    ];
    const [result, ...others] = await Promise.all([
      control.apply(wanted, { org: 'acme', isPruning: true }, META),
      ...writers.map((writer, at) => singleCommands(writer, round, at)),
    ]);
    // Somebody else may have been first with a name or a port; what an apply may not do is fail.
    t.true(result.kind === 'ok' || result.kind === 'refused', JSON.stringify(result));
    if (result.kind === 'ok') whole += 1;
    if (result.kind === 'refused') {
      t.true(
        result.refusals.every((each) => each.result.kind === 'conflict'),
        JSON.stringify(result),
      );
    }
    for (const each of others.flat()) kinds.add(each.kind);
  }
  t.deepEqual(
    [...kinds].filter((kind) => kind === 'invalid'),
    [],
  );
  t.true(kinds.has('ok'));
  t.true(whole > 0);

  const final = await applied(control, things(99), { org: 'acme', isPruning: true });
  t.true(final.changes.length >= 2 * NAMES);
  t.is((await control.listRoutes({ org: 'acme' })).length, NAMES);
  const [unprojected] = await query<{ count: number }>(
    database.adminUrl,
    'select count(*)::integer as count from weir.pending_events',
  );
  t.is(unprojected?.count, 0);
  t.true((await countEvents(t, database)) > ROUNDS);
});

/** The same names and ports in each round, all to something else. */
function things(round: number) {
  return Array.from({ length: NAMES }, (_, index) => [
    route(`www-${index}.example.com`, round),
    port(20_000 + index, `p-${round}`),
  ]).flat();
}

async function singleCommands(
  control: Control,
  round: number,
  at: number,
): Promise<readonly CommandResult<unknown>[]> {
  const hostname = `www-${(round + at) % NAMES}.example.com`;
  const org = at === 0 ? 'acme' : `org-${at}`;
  return [
    await control.updateRoute({ hostname, backendPort: 1_000 + round }, META),
    await control.deleteRoute({ hostname }, META),
    await control.createRoute({ ...SHOP, hostname, backendPort: 2_000 + round }, META),
    await control.createRoute({ ...SHOP, org, hostname: `shop-${round % 3}.apps.net`, backendPort: 1 }, META),
    await control.releasePort({ port: 20_000 + ((round + at) % NAMES) }, META),
    await control.allocatePort({ ...SHOP, backendPort: 3_000 + round }, META),
    await control.reportEndpoint({ ...SHOP, instance: 'i-1', address: `10.0.${at}.${round}` }, META),
    await control.deleteRoute({ hostname: `shop-${round % 3}.apps.net` }, META),
  ];
}
