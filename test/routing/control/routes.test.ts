import test from 'ava';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { expectOk, META, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

test('creates a route and answers with it as it was normalised', async (t) => {
  const { control } = await startControl(t, postgres);
  const result = await control.createRoute(
    {
      hostname: 'WWW.Bücher.example.',
      ...SHOP,
      backendPort: '8443',
      proxyProtocol: 'v2',
      proxyTlvs: ['env', 'alpn', 'env'],
    },
    META,
  );
  t.false(result.kind === 'ok' && result.isReplay);
  const { createdAt, updatedAt, ...route } = expectOk(result);
  t.deepEqual(route, {
    ...SHOP,
    hostname: 'www.xn--bcher-kva.example',
    listener: 'tls',
    alpn: null,
    backendPort: 8443,
    weight: 1,
    others: [],
    proxyProtocol: 'v2',
    proxyTlvs: ['alpn', 'env'],
    redirectToHttps: false,
    revision: 1,
    actor: 'ada',
  });
  t.is(createdAt, updatedAt);
  t.deepEqual(await control.listRoutes({}), [{ ...route, createdAt, updatedAt }] as never);
});

test('keeps one route to a name on each kind of listener', async (t) => {
  const { control } = await startControl(t, postgres);
  const route = { hostname: 'www.example.com', ...SHOP, backendPort: 8443 };
  expectOk(await control.createRoute(route, META));
  const again = await control.createRoute({ ...route, hostname: 'www.EXAMPLE.com.' }, META);
  t.is(again.kind, 'conflict');
  expectOk(await control.createRoute({ ...route, listener: 'http', redirectToHttps: true }, META));
  t.deepEqual(
    (await control.listRoutes({})).map((each) => each.listener),
    ['http', 'tls'],
  );
  t.is((await control.listRoutes({ listener: 'http' })).length, 1);
});

test('names every field that is wrong at once, and records nothing', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const result = await control.createRoute(
    {
      hostname: 'two words',
      org: 'Acme',
      app: '',
      env: 'a\0b',
      process: undefined as never,
      backendPort: '65536',
      listener: 'quic',
      proxyProtocol: 'v1',
      proxyTlvs: ['alpn', 'cn'],
      redirectToHttps: true,
    },
    { actor: '', idempotencyKey: 'x'.repeat(201), reason: 'line\nbreak' },
  );
  t.is(result.kind, 'invalid');
  t.deepEqual(result.kind === 'invalid' ? result.problems.map(({ field }) => field) : [], [
    'hostname',
    'listener',
    'org',
    'app',
    'env',
    'process',
    'backendPort',
    'proxyProtocol',
    'proxyTlvs',
    'redirectToHttps',
    'actor',
    'reason',
    'idempotencyKey',
  ]);
  t.deepEqual(await query(database.adminUrl, 'select from weir.events where seq > 0'), []);
});

test('updates what is given and keeps the rest', async (t) => {
  const { control } = await startControl(t, postgres);
  const created = expectOk(
    await control.createRoute({ hostname: '*.example.com', ...SHOP, backendPort: 8443 }, META),
  );
  const updated = expectOk(
    await control.updateRoute(
      { hostname: '*.example.com', env: 'staging', proxyProtocol: 'v2' },
      { actor: 'bob' },
    ),
  );
  t.like(updated, { ...SHOP, env: 'staging', backendPort: 8443, proxyProtocol: 'v2', actor: 'bob' });
  t.is(updated.createdAt, created.createdAt);
  t.is(updated.revision, 2);
  t.deepEqual(await control.listRoutes({}), [updated]);
});

test('keeps the TLVs of a PROXY header until there is none, and takes none without', async (t) => {
  const { control } = await startControl(t, postgres);
  const route = { hostname: 'www.example.com', ...SHOP, backendPort: 8443 };
  const refused = {
    kind: 'invalid',
    problems: [{ field: 'proxyTlvs', problem: 'needs the PROXY protocol v2' }],
  };
  t.deepEqual(await control.createRoute({ ...route, proxyTlvs: ['alpn'] }, META), refused as never);
  t.deepEqual(
    await control.allocatePort({ ...route, port: 20_000, proxyTlvs: ['alpn'] }, META),
    refused as never,
  );
  const tlvs = ['crc32c', 'org'];
  expectOk(await control.createRoute({ ...route, proxyProtocol: 'v2', proxyTlvs: tlvs }, META));
  const update = async (change: object) =>
    control.updateRoute({ hostname: 'www.example.com', ...change }, META);
  t.like(expectOk(await update({ backendPort: 1 })), { proxyProtocol: 'v2', proxyTlvs: tlvs });
  t.like(expectOk(await update({ proxyTlvs: ['org', 'crc32c'] })), { revision: 2 });
  t.like(expectOk(await update({ proxyProtocol: 'none' })), { proxyProtocol: 'none', proxyTlvs: [] });
  t.deepEqual(await update({ proxyTlvs: ['alpn'] }), refused as never);
  t.like(expectOk(await update({ proxyProtocol: 'v2' })), { proxyTlvs: [] });
  t.like(expectOk(await update({ proxyTlvs: ['unique-id'] })), { proxyTlvs: ['unique-id'] });
  t.like(expectOk(await update({ proxyTlvs: [] })), { proxyProtocol: 'v2', proxyTlvs: [] });
  const port = { ...SHOP, port: 20_000, backendPort: 1, proxyProtocol: 'v2', proxyTlvs: tlvs };
  t.like(expectOk(await control.allocatePort(port, META)), { proxyTlvs: tlvs });
  t.like((await control.listPorts({}))[0], { proxyTlvs: tlvs });
  const { events } = expectOk(await control.listEvents({ stream: 'port/20000' }));
  t.regex(events[0]?.summary ?? '', /, PROXY v2 \(crc32c, org\)$/);
});

test('records nothing for an update that changes nothing', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const created = expectOk(
    await control.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: 8443 }, META),
  );
  const same = await control.updateRoute({ hostname: 'www.example.com', backendPort: '8443' }, META);
  t.deepEqual(expectOk(same), created);
  t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 1);
});

test('refuses to redirect on the tls listener', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: 8443 }, META));
  const result = await control.updateRoute({ hostname: 'www.example.com', redirectToHttps: true }, META);
  t.deepEqual(result, {
    kind: 'invalid',
    problems: [{ field: 'redirectToHttps', problem: 'is possible on the http listener only' }],
  });
});

test('says of what is not there that it is not found', async (t) => {
  const { control } = await startControl(t, postgres);
  t.is((await control.updateRoute({ hostname: 'www.example.com', backendPort: 1 }, META)).kind, 'not-found');
  t.is((await control.deleteRoute({ hostname: 'www.example.com' }, META)).kind, 'not-found');
  t.is((await control.showRoute({ hostname: 'www.example.com' })).kind, 'not-found');
  t.is((await control.showRoute({ hostname: '' })).kind, 'invalid');
});

test('deletes a route, leaves a tombstone, and can create it again', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const route = { hostname: 'www.example.com', ...SHOP, backendPort: 8443 };
  const first = expectOk(await control.createRoute(route, META));
  const deleted = expectOk(await control.deleteRoute({ hostname: 'www.example.com' }, META));
  t.is(deleted.backendPort, 8443);
  t.is(deleted.revision, 2);
  t.deepEqual(await control.listRoutes({}), []);
  t.is((await control.deleteRoute({ hostname: 'www.example.com' }, META)).kind, 'not-found');
  t.deepEqual(await query(database.edgeUrl, 'select * from weir.changes'), [
    { revision: '2', kind: 'route', key: 'tls/www.example.com', body: null },
  ]);
  const second = expectOk(await control.createRoute({ ...route, backendPort: 9443 }, META));
  t.is(second.revision, 3);
  t.true(second.createdAt >= first.createdAt);
  t.deepEqual(await control.listRoutes({}), [second]);
});

test('filters routes by org, and finds nothing for what is no name', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.claimDomain({ domain: 'umbrella.org', org: 'umbrella', isTrusted: true }, META));
  expectOk(await control.createRoute({ hostname: 'a.example.com', ...SHOP, backendPort: 1 }, META));
  expectOk(
    await control.createRoute({ hostname: 'b.umbrella.org', ...SHOP, org: 'umbrella', backendPort: 1 }, META),
  );
  t.deepEqual(
    (await control.listRoutes({ org: 'umbrella' })).map((route) => route.hostname),
    ['b.umbrella.org'],
  );
  t.deepEqual(await control.listRoutes({ org: 'a\0' }), []);
});

test('shows why a route is not live until edge and service are there', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: 8443 }, META));
  const show = async () => expectOk(await control.showRoute({ hostname: 'www.example.com' }));

  const bare = await show();
  t.false(bare.isLive);
  t.deepEqual(
    bare.steps.map(({ step, isOk }) => [step, isOk]),
    [
      ['route', true],
      ['service', false],
      ['edges', false],
    ],
  );

  expectOk(await control.reportEndpoint({ ...SHOP, instance: 'i1', address: 'fd00::1' }, META));
  await query(
    database.edgeUrl,
    `insert into weir.nodes (node, revision, listeners, started_at) values
       ('near', 2, '[{"name":"tls","peek":"tls","state":"open"}]', now()),
       ('behind', 0, '[{"name":"tls","peek":"tls","state":"open"}]', now())`,
  );
  const half = await show();
  t.false(half.isLive);
  t.is(half.verdict, 'live on 1 of 2 edges');

  await query(database.edgeUrl, `update weir.nodes set revision = 2 where node = 'behind'`);
  const live = await show();
  t.true(live.isLive);
  t.is(live.verdict, 'live on all 2 edges');

  await query(database.edgeUrl, `update weir.nodes set reported_at = now() - interval '31 s'`);
  t.is((await show()).verdict, 'not live: edges: no edge has reported in the last 30 s');
  t.deepEqual(
    (await control.listNodes()).map(({ node, isLive }) => [node, isLive]),
    [
      ['behind', false],
      ['near', false],
    ],
  );
});
