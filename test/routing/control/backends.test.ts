import test from 'ava';
import { rebuildProjections } from '../../../routing/control/projection/rebuild.ts';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { expectOk, META, pool, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const ROUTE = { hostname: 'www.example.com', ...SHOP, backendPort: 8443 } as const;
const CANARY = { app: 'shop', env: 'production', process: 'canary', backendPort: 9443, weight: 5 } as const;
const LAB = { app: 'lab', env: 'staging', process: 'web', backendPort: 8443, weight: 0 } as const;

test('creates a route with weighted backends, and answers with it the same everywhere', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const created = expectOk(
    await control.createRoute({ ...ROUTE, weight: '95', others: [{ ...CANARY, weight: '5' }, LAB] }, META),
  );
  t.like(created, { ...SHOP, weight: 95, others: [CANARY, LAB] });
  t.deepEqual(await control.listRoutes({}), [created]);
  t.deepEqual(expectOk(await control.showRoute({ hostname: 'www.example.com' })).route, created);
  const services = await query(database.adminUrl, 'select key, revision from weir.services order by key');
  t.deepEqual(services, [
    { key: 'acme/lab/staging/web', revision: '1' },
    { key: 'acme/shop/production/canary', revision: '1' },
    { key: 'acme/shop/production/web', revision: '1' },
  ]);
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), { differing: 0 });
});

test('gives a backend whose weight nobody names the weight 1', async (t) => {
  const { control } = await startControl(t, postgres);
  const { weight: _, ...canary } = CANARY;
  t.like(expectOk(await control.createRoute({ ...ROUTE, others: [canary] }, META)), {
    weight: 1,
    others: [{ ...CANARY, weight: 1 }],
  });
});

test('replaces the others as a whole, and keeps them where they are not named', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.createRoute({ ...ROUTE, others: [CANARY] }, META));
  const { hostname } = ROUTE;
  t.like(expectOk(await control.updateRoute({ hostname, weight: 7 }, META)), { weight: 7, others: [CANARY] });
  t.deepEqual(expectOk(await control.updateRoute({ hostname, others: [LAB] }, META)).others, [LAB]);
  t.is(expectOk(await control.updateRoute({ hostname, others: [LAB] }, META)).revision, 3);
  t.deepEqual(expectOk(await control.updateRoute({ hostname, others: [] }, META)).others, []);
});

test('keeps a route with its org', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.createRoute({ ...ROUTE, others: [CANARY] }, META));
  t.deepEqual(await control.updateRoute({ hostname: ROUTE.hostname, org: 'umbrella' }, META), {
    kind: 'conflict',
    message: `the route for ${ROUTE.hostname} is the org acme's, and a route stays with its org; delete it, and create it for umbrella`,
  });
  const both = { hostname: ROUTE.hostname, org: 'acme', others: [LAB, CANARY] };
  t.like(expectOk(await control.updateRoute(both, META)), { org: 'acme', others: [LAB, CANARY] });
});

test('names every field of the backends that is wrong', async (t) => {
  const { control } = await startControl(t, postgres);
  const wrong = { app: 'Shop', env: 'production', process: undefined as never, backendPort: 0, weight: -1 };
  const fields = async (input: object) => {
    const result = await control.createRoute({ ...ROUTE, ...input }, META);
    return result.kind === 'invalid' ? result.problems.map(({ field }) => field) : result.kind;
  };
  t.deepEqual(await fields({ weight: '5%', others: [CANARY, wrong, 7, null] }), [
    'weight',
    'others[1].app',
    'others[1].process',
    'others[1].backendPort',
    'others[1].weight',
    'others[2]',
    'others[3]',
  ]);
  t.deepEqual(await fields({ others: 'canary' }), ['others']);
  t.deepEqual(await fields({ others: new Array(16).fill(CANARY) }), ['others']);
  t.deepEqual(await fields({ others: [CANARY, { ...CANARY, weight: 9 }] }), ['others[1]']);
  t.deepEqual(await fields({ others: [{ ...SHOP, backendPort: 8443 }] }), ['others[0]']);
  t.deepEqual(await fields({ weight: 0, others: [LAB] }), ['weight']);
  const port = await control.allocatePort({ ...SHOP, port: 25, backendPort: 25, weight: 0 }, META);
  t.like(port, { kind: 'invalid', problems: [{ field: 'weight' }] });
});

test('refuses an update after which a backend would be there twice, or nobody had a weight', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.createRoute({ ...ROUTE, others: [CANARY, LAB] }, META));
  const { hostname } = ROUTE;
  t.like(await control.updateRoute({ hostname, process: 'canary', backendPort: 9443 }, META), {
    kind: 'invalid',
    problems: [{ field: 'others[0]' }],
  });
  t.like(await control.updateRoute({ hostname, weight: 0, others: [LAB] }, META), {
    kind: 'invalid',
    problems: [{ field: 'weight' }],
  });
  t.like((await control.listRoutes({}))[0], { revision: 1, others: [CANARY, LAB] });
});

test('shows the endpoints of each backend, and takes one that is ready for enough', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.createRoute({ ...ROUTE, weight: 95, others: [CANARY, LAB] }, META));
  await query(
    database.edgeUrl,
    `insert into weir.nodes (node, revision, listeners, started_at)
     values ('near', 9, '[{"name":"tls","peek":"tls","state":"open"}]', now())`,
  );
  const show = async () => {
    const { isLive, verdict, steps } = expectOk(await control.showRoute({ hostname: ROUTE.hostname }));
    return { isLive, verdict, services: steps.filter(({ step }) => step === 'service') };
  };
  t.deepEqual(await show(), {
    isLive: false,
    verdict:
      'not live: service: acme/shop/production/web port 8443, weight 95 of 100, has no endpoint; report one with `weir endpoint report`',
    services: [
      {
        step: 'service',
        isOk: false,
        detail:
          'acme/shop/production/web port 8443, weight 95 of 100, has no endpoint; report one with `weir endpoint report`',
      },
      {
        step: 'service',
        isOk: false,
        detail:
          'acme/shop/production/canary port 9443, weight 5 of 100, has no endpoint; report one with `weir endpoint report`',
      },
      {
        step: 'service',
        isOk: true,
        detail: 'acme/lab/staging/web port 8443, weight 0 of 100, gets no connections',
      },
    ],
  });

  const endpoint = { instance: 'i-1', address: 'fd00::1' };
  expectOk(await control.reportEndpoint({ org: 'acme', ...LAB, ...endpoint }, META));
  t.false((await show()).isLive);
  expectOk(await control.reportEndpoint({ org: 'acme', ...CANARY, ...endpoint }, META));
  const half = await show();
  t.true(half.isLive);
  t.is(
    half.verdict,
    'live on the only edge; the backends that have a ready endpoint get the share of those without',
  );
  t.deepEqual(
    half.services.map(({ isOk }) => isOk),
    [false, true, true],
  );
  expectOk(await control.reportEndpoint({ ...SHOP, ...endpoint }, META));
  t.like(await show(), { isLive: true, verdict: 'live on the only edge' });
});

test('gives a port weighted backends as well', async (t) => {
  const { control } = await startControl(t, postgres);
  const input = { ...SHOP, port: 20_000, backendPort: 5432, weight: 3, others: [CANARY] };
  const allocated = expectOk(await control.allocatePort(input, META));
  t.like(allocated, { weight: 3, others: [CANARY] });
  t.deepEqual(await control.listPorts({}), [allocated]);
  t.like(expectOk(await control.releasePort({ port: 20_000 }, META)), { weight: 3, others: [CANARY] });
});
