import test from 'ava';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { expectOk, META, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const HOSTNAME = 'www.example.com';
const ROUTE = { hostname: HOSTNAME, ...SHOP, backendPort: 8443 } as const;
const ACME = 'acme-tls/1';

function messageOf(result: { readonly kind: string; readonly message?: string }): string {
  return `${result.kind}: ${result.message}`;
}

test('keeps one route to a name for each protocol, beside the one without', async (t) => {
  const { control } = await startControl(t, postgres);
  for (const alpn of [undefined, 'h2', ACME, 'H2']) {
    t.like(expectOk(await control.createRoute({ ...ROUTE, alpn }, META)), { alpn: alpn ?? null });
    t.is(
      (await control.createRoute({ ...ROUTE, hostname: 'WWW.example.com.', alpn }, META)).kind,
      'conflict',
    );
  }
  const again = await control.createRoute({ ...ROUTE, alpn: ACME }, META);
  t.is(
    messageOf(again),
    'conflict: www.example.com is already routed on the tls listener for clients that offer the ALPN protocol acme-tls/1; update or delete it',
  );
  t.deepEqual(
    (await control.listRoutes({})).map(({ alpn }) => alpn),
    [null, 'H2', ACME, 'h2'],
  );
  t.is((await control.listRoutes({ alpn: 'h2' })).length, 1);
  t.is((await control.listRoutes({ alpn: 'h\0' })).length, 0);
});

test('takes a default route and a wildcard that ask for a protocol', async (t) => {
  const { control } = await startControl(t, postgres);
  expectOk(await control.claimDomain({ domain: '*', org: 'acme', isTrusted: true }, META));
  for (const hostname of ['*', '*.example.com']) {
    expectOk(await control.createRoute({ ...ROUTE, hostname, alpn: 'h2' }, META));
  }
  t.deepEqual(
    (await control.listRoutes({})).map(({ hostname, alpn }) => [hostname, alpn]),
    [
      ['*', 'h2'],
      ['*.example.com', 'h2'],
    ],
  );
});

test('refuses a protocol on the http listener, and what is none', async (t) => {
  const { control } = await startControl(t, postgres);
  const problemsOf = async (more: object) => {
    const result = await control.createRoute({ ...ROUTE, ...more }, META);
    return result.kind === 'invalid' ? result.problems : result.kind;
  };
  t.deepEqual(await problemsOf({ listener: 'http', alpn: 'h2' }), [
    { field: 'alpn', problem: 'is possible on the tls listener only' },
  ]);
  t.deepEqual(await problemsOf({ alpn: '' }), [{ field: 'alpn', problem: 'is required' }]);
  for (const alpn of ['h2,h3', 'h 2', 'h2#', '"h2"', 7, ['h2'], 'x'.repeat(256)]) {
    t.like(await problemsOf({ alpn }), { length: 1, 0: { field: 'alpn' } }, JSON.stringify(alpn));
  }
  const named = { hostname: HOSTNAME, listener: 'http', alpn: 'h2' };
  t.is((await control.deleteRoute(named, META)).kind, 'invalid');
  t.is((await control.updateRoute({ ...named, backendPort: 1 }, META)).kind, 'invalid');
  t.is((await control.showRoute(named)).kind, 'invalid');
});

test('changes and deletes the route that is named, and no other of the name', async (t) => {
  const { control } = await startControl(t, postgres);
  for (const alpn of [undefined, 'h2', ACME]) expectOk(await control.createRoute({ ...ROUTE, alpn }, META));
  t.like(expectOk(await control.updateRoute({ hostname: HOSTNAME, alpn: 'h2', backendPort: 1 }, META)), {
    alpn: 'h2',
    backendPort: 1,
  });
  t.like(expectOk(await control.updateRoute({ hostname: HOSTNAME, backendPort: 2 }, META)), { alpn: null });
  const ports = async () =>
    (await control.listRoutes({})).map(({ alpn, backendPort }) => `${alpn} ${backendPort}`);
  t.deepEqual(await ports(), ['null 2', `${ACME} 8443`, 'h2 1']);
  t.like(expectOk(await control.deleteRoute({ hostname: HOSTNAME, alpn: ACME }, META)), { alpn: ACME });
  t.deepEqual(await ports(), ['null 2', 'h2 1']);
  expectOk(await control.deleteRoute({ hostname: HOSTNAME }, META));
  t.deepEqual(await ports(), ['h2 1']);
});

test('names the routes of the name where the one that is asked for is not there', async (t) => {
  const { control } = await startControl(t, postgres);
  for (const alpn of ['h2', ACME]) expectOk(await control.createRoute({ ...ROUTE, alpn }, META));
  const message =
    'not-found: there is no route for www.example.com on the tls listener that asks for no ALPN protocol; there are 2: with --alpn acme-tls/1, with --alpn h2';
  const named = { hostname: HOSTNAME };
  t.is(messageOf(await control.deleteRoute(named, META)), message);
  t.is(messageOf(await control.updateRoute({ ...named, backendPort: 1 }, META)), message);
  t.is(messageOf(await control.showRoute(named)), message);

  expectOk(await control.deleteRoute({ ...named, alpn: ACME }, META));
  expectOk(await control.deleteRoute({ ...named, alpn: 'h2' }, META));
  expectOk(await control.createRoute(ROUTE, META));
  t.is(
    messageOf(await control.deleteRoute({ ...named, alpn: 'h2' }, META)),
    'not-found: there is no route for www.example.com on the tls listener for clients that offer the ALPN protocol h2; there is one: without a protocol',
  );
  // Another name's, another listener's and those below a wildcard are not meant.
  for (const other of [
    { hostname: '*.example.com' },
    { hostname: 'a.www.example.com' },
    { ...named, listener: 'http' },
  ]) {
    t.regex(
      messageOf(await control.showRoute(other)),
      /^not-found: there is no route for \S+ on the \w+ listener$/,
    );
  }
});

test('shows a route also where another of its name cannot be read', async (t) => {
  const { control, database } = await startControl(t, postgres);
  expectOk(await control.createRoute(ROUTE, META));
  await query(
    database.controlUrl,
    `insert into weir.events (stream, stream_version, type, schema_version, payload, actor)
     select stream || ' alpn h2', 1, type, 99, payload, 'a later weir' from weir.events where seq > 0`,
  );
  t.deepEqual(expectOk(await control.showRoute({ hostname: HOSTNAME })).otherAlpn, []);
});

test('shows a route with what the others of its name ask for', async (t) => {
  const { control } = await startControl(t, postgres);
  for (const alpn of [undefined, 'h2', ACME]) expectOk(await control.createRoute({ ...ROUTE, alpn }, META));
  expectOk(await control.createRoute({ ...ROUTE, listener: 'http' }, META));
  const show = async (alpn?: string) => expectOk(await control.showRoute({ hostname: HOSTNAME, alpn }));
  t.like(await show(), { route: { alpn: null }, otherAlpn: [ACME, 'h2'], isLive: false });
  t.like(await show('h2'), { route: { alpn: 'h2' }, otherAlpn: [null, ACME], isLive: false });
  t.deepEqual(expectOk(await control.showRoute({ hostname: HOSTNAME, listener: 'http' })).otherAlpn, []);
  t.deepEqual(
    (await show('h2')).steps.map(({ step }) => step),
    ['route', 'service', 'edges'],
  );
});

test("lists a name's events, whatever its routes ask for", async (t) => {
  const { control } = await startControl(t, postgres);
  for (const alpn of [undefined, 'h2', ACME]) expectOk(await control.createRoute({ ...ROUTE, alpn }, META));
  expectOk(await control.createRoute({ ...ROUTE, listener: 'http' }, META));
  expectOk(await control.createRoute({ ...ROUTE, hostname: 'a.www.example.com', alpn: 'h2' }, META));
  expectOk(await control.updateRoute({ hostname: HOSTNAME, alpn: 'h2', backendPort: 1 }, META));
  expectOk(await control.deleteRoute({ hostname: HOSTNAME, alpn: ACME }, META));
  const list = async (filter: object) =>
    expectOk(await control.listEvents(filter)).events.map(({ seq }) => seq);
  t.deepEqual(await list({ route: HOSTNAME }), [1, 2, 3, 4, 6, 7]);
  t.deepEqual(await list({ route: HOSTNAME, limit: 2 }), [6, 7]);
  t.deepEqual(await list({ route: HOSTNAME, org: 'umbrella' }), []);
  t.deepEqual(await list({ route: 'b.example.com' }), []);
  const stream = 'route/tls/www.example.com alpn h2';
  t.deepEqual(await list({ stream }), [2, 6]);
  t.deepEqual(await list({ stream, route: HOSTNAME }), [2, 6]);
  t.deepEqual(await list({ stream, route: 'a.www.example.com' }), []);
  t.deepEqual(await list({ stream: 'route/tls/www.example.com', route: HOSTNAME }), [1]);
  const { events } = expectOk(await control.listEvents({ stream }));
  t.is(events[0]?.summary, 'www.example.com alpn h2 → acme/shop/production/web port 8443');
});
