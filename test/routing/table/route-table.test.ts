import test from 'ava';
import fc from 'fast-check';
import type { Change } from '../../../routing/model/change.ts';
import type { Port } from '../../../routing/model/port.ts';
import { portKey, type Target } from '../../../routing/model/route.ts';
import { type PortEffect, RouteTable } from '../../../routing/table/route-table.ts';
import type { BoundServices } from '../../../routing/table/table.ts';
import { NaiveTable } from './naive-table.ts';
import { endpointRow, gone, hostname, portRow, revision, routeRow } from './sample-rows.ts';

function tableOf(...changes: readonly Change[]): RouteTable {
  const table = new RouteTable();
  for (const change of changes) table.apply(change);
  return table;
}

test('keeps the routes of the two kinds of listener apart', (t) => {
  const table = tableOf(routeRow('a.com', { listener: 'tls', process: 'web' }));
  table.apply(routeRow('a.com', { listener: 'http', process: 'plain' }));
  t.is(table.route('tls', hostname('a.com'))?.service.key, 'acme/shop/prod/web');
  t.is(table.route('http', hostname('a.com'))?.service.key, 'acme/shop/prod/plain');
  table.apply(gone(routeRow('a.com', { listener: 'tls' })));
  t.is(table.route('tls', hostname('a.com')), null);
  t.not(table.route('http', hostname('a.com')), null);
});

test('gives a route the endpoints that came before it and those that come after it', (t) => {
  const table = tableOf(endpointRow('i1'), routeRow('a.com'), endpointRow('i2'));
  const ready = table.route('tls', hostname('a.com'))?.service.ready ?? [];
  t.deepEqual(ready.map((endpoint) => `${endpoint.instance}`).sort(), ['i1', 'i2']);
});

test('offers only ready endpoints', (t) => {
  const table = tableOf(routeRow('a.com'), endpointRow('i1', { isReady: false }));
  const service = table.route('tls', hostname('a.com'))?.service;
  t.is(service?.ready.length, 0);
  table.apply(endpointRow('i1'));
  t.is(service?.ready.length, 1);
  table.apply(endpointRow('i1', { isReady: false }));
  t.is(service?.ready.length, 0);
  t.like(table.sizes(), { endpoints: 1, readyEndpoints: 0 });
});

test('takes an endpoint’s new address in place', (t) => {
  const table = tableOf(routeRow('a.com'), endpointRow('i1', { address: 'fd00::1' }));
  table.apply(endpointRow('i1', { address: 'fd00::2' }));
  const ready = table.route('tls', hostname('a.com'))?.service.ready ?? [];
  t.deepEqual(
    ready.map((endpoint) => `${endpoint.address}`),
    ['fd00::2'],
  );
});

test('keeps a service’s object and the balancer’s turn across unrelated changes and updates of its own route', (t) => {
  const table = tableOf(routeRow('a.com'), endpointRow('i1'));
  const before = table.route('tls', hostname('a.com'));
  if (before) before.service.turn = 7;
  table.apply(routeRow('b.com', { process: 'other' }));
  table.apply(endpointRow('i2'));
  t.is(table.route('tls', hostname('a.com')), before);
  table.apply(routeRow('a.com', { backendPort: 9000 }));
  table.apply(gone(endpointRow('i1')));
  table.apply(gone(endpointRow('i2')));
  const after = table.route('tls', hostname('a.com'));
  t.not(after, before);
  t.is(after?.service, before?.service);
  t.is(after?.service.turn, 7);
});

test('drops a service with the last row that names it', (t) => {
  const rows = [routeRow('a.com'), portRow(20000), endpointRow('i1')];
  const table = tableOf(...rows);
  t.is(table.sizes().services, 1);
  for (const row of rows) {
    t.is(table.sizes().services, 1);
    table.apply(gone(row));
  }
  t.deepEqual(table.sizes(), { routes: 0, ports: 0, endpoints: 0, readyEndpoints: 0, services: 0 });
});

test('holds each service of a route for as long as the route names it', (t) => {
  const canary = { process: 'canary' };
  const table = tableOf(
    endpointRow('i1', canary),
    routeRow('a.com', { others: [canary, { process: 'old' }] }),
  );
  const before = table.route('tls', hostname('a.com'));
  t.deepEqual(
    before?.others.map(({ key, ready }) => [key, ready.length]),
    [
      ['acme/shop/prod/canary', 1],
      ['acme/shop/prod/old', 0],
    ],
  );
  t.is(table.sizes().services, 3);
  table.apply(routeRow('a.com', { ...canary, others: [{ process: 'web' }] }));
  const after = table.route('tls', hostname('a.com'));
  t.is(after?.service, before?.others[0]);
  t.is(after?.others[0], before?.service);
  t.is(table.sizes().services, 2);
  table.apply(gone(routeRow('a.com')));
  t.is(table.sizes().services, 1);
  table.apply(gone(endpointRow('i1', canary)));
  t.is(table.sizes().services, 0);
});

test('counts a service that a route names on two ports as one', (t) => {
  const table = tableOf(routeRow('a.com', { backendPort: 1, others: [{ backendPort: 2 }] }));
  const bound = table.route('tls', hostname('a.com'));
  t.is(bound?.others[0], bound?.service);
  table.apply(routeRow('a.com', { backendPort: 1 }));
  t.is(table.sizes().services, 1);
  t.deepEqual(table.route('tls', hostname('a.com'))?.others, []);
  table.apply(gone(routeRow('a.com')));
  t.is(table.sizes().services, 0);
});

test('moves a route to another service', (t) => {
  const table = tableOf(routeRow('a.com', { process: 'web' }), endpointRow('n1', { process: 'next' }));
  table.apply(routeRow('a.com', { process: 'next' }));
  t.is(table.route('tls', hostname('a.com'))?.service.ready.length, 1);
  t.is(table.sizes().services, 1);
});

test('says which port a change bound or unbound, once', (t) => {
  const table = new RouteTable();
  const effects: PortEffect[] = [
    table.apply(portRow(20000)),
    table.apply(portRow(20000)),
    table.apply(portRow(20000, { process: 'other' })),
    table.apply(routeRow('a.com')),
    table.apply(gone(portRow(20000))),
    table.apply(gone(portRow(20000))),
  ];
  t.deepEqual(
    effects.map((effect) => effect.kind),
    ['bound', 'none', 'none', 'none', 'unbound', 'none'],
  );
  t.like(effects[0], { place: { address: null, port: 20_000 } });
});

test('lists, counts and deletes the routes of one name by what they ask for', (t) => {
  const rows = [
    routeRow('a.com', { alpn: 'h2' }),
    routeRow('a.com'),
    routeRow('a.com', { alpn: 'acme-tls/1' }),
  ];
  const table = tableOf(...rows, ...rows);
  const keys = () => [...table.routes()].map(({ key }) => key);
  t.deepEqual(keys(), ['tls/a.com', 'tls/a.com alpn h2', 'tls/a.com alpn acme-tls/1']);
  t.is(table.sizes().routes, 3);
  table.apply(gone(routeRow('a.com', { alpn: 'h2' })));
  table.apply(gone(routeRow('a.com', { alpn: 'h3' })));
  t.deepEqual(keys(), ['tls/a.com', 'tls/a.com alpn acme-tls/1']);
  table.apply(gone(routeRow('a.com')));
  t.is(table.route('tls', hostname('a.com')), null);
  t.true(table.isRouted('tls', hostname('a.com')));
  table.apply(gone(routeRow('a.com', { alpn: 'acme-tls/1' })));
  t.false(table.isRouted('tls', hostname('a.com')));
  t.like(table.sizes(), { routes: 0, services: 0 });
});

test('lists its ports and routes', (t) => {
  const table = tableOf(
    portRow(20000),
    portRow(20001),
    routeRow('a.com'),
    routeRow('*', { listener: 'http' }),
  );
  t.deepEqual([...table.bindings()].map((bound) => bound.key).sort(), ['port/20000', 'port/20001']);
  t.deepEqual(
    [...table.routes()].map((bound) => bound.key),
    ['tls/a.com', 'http/*'],
  );
  t.is(table.port('port/20001')?.binding.port, 20_001 as Port);
  t.is(table.port('port/20002'), null);
});

test('stands at the highest revision applied until it is settled at another', (t) => {
  const table = tableOf(routeRow('a.com', { revision: 5 }), routeRow('b.com', { revision: 3 }));
  t.is(table.revision, revision(5));
  table.settle(revision(9));
  t.is(table.revision, revision(9));
  table.settle(revision(2));
  t.is(table.revision, revision(2));
});

test('ignores keys that no row can have', (t) => {
  const table = new RouteTable();
  for (const key of ['', 'x', '/', 'udp/a.com', 'port/0', 'port/x']) {
    for (const kind of ['route', 'port', 'endpoint'] as const) {
      t.deepEqual(table.apply({ kind, key, revision: revision(1), value: null }), { kind: 'none' });
    }
  }
});

const PATTERNS = ['*', '*.com', '*.a.com', '*.b.a.com', 'a.com', 'b.a.com', 'c.b.a.com', '*.net', 'x.net'];
const NAMES = ['com', 'a.com', 'b.a.com', 'c.b.a.com', 'd.c.b.a.com', 'z.a.com', 'x.net', 'y.x.net', 'x.org'];
const PROTOCOLS = ['h2', 'acme-tls/1', 'H2'];
const OFFERS = [
  [],
  ['h2'],
  ['H2'],
  ['http/1.1'],
  ['acme-tls/1', 'h2'],
  ['h2', 'acme-tls/1'],
  ['h3', 'H2', 'h2', 'h2'],
];
const PROCESSES = ['web', 'api', 'jobs'];

const process = fc.constantFrom(...PROCESSES);
const others = fc.array(fc.record({ process, backendPort: fc.integer({ min: 1, max: 3 }) }), {
  maxLength: 2,
});
const place = fc.constantFrom(
  { listener: 'http' as const, alpn: undefined },
  { listener: 'tls' as const, alpn: undefined },
  ...PROTOCOLS.map((alpn) => ({ listener: 'tls' as const, alpn })),
);
const row: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...PATTERNS), fc.record({ process, place, others }))
    .map(([pattern, { place: at, ...sample }]) => routeRow(pattern, { ...at, ...sample })),
  fc
    .tuple(
      fc.integer({ min: 20000, max: 20003 }),
      fc.record({ process, others, address: fc.constantFrom(undefined, '203.0.113.7') }),
    )
    .map((sample) => portRow(...sample)),
  fc
    .tuple(
      fc.constantFrom('i1', 'i2', 'i3', 'i4'),
      fc.record({ process, isReady: fc.boolean(), address: fc.constantFrom('fd00::1', '10.0.0.1') }),
    )
    .map((sample) => endpointRow(...sample)),
);
const change = fc.oneof(
  { weight: 2, arbitrary: row },
  { weight: 1, arbitrary: row.map((sample) => gone(sample)) },
);

test('answers as a list of rows that is searched from end to end would', (t) => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
      const table = new RouteTable();
      const naive = new NaiveTable();
      for (const one of changes) {
        const bound = new Set(naive.ports());
        naive.apply(one);
        const effect = table.apply(one);
        const expected =
          naive.ports().find((port) => !bound.has(port)) ?? [...bound].find((port) => !naive.port(port));
        if ((effect.kind === 'none' ? undefined : portKey(effect.place)) !== expected)
          throw new Error(`effect on port ${expected}`);
        compare(table, naive);
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

function compare(table: RouteTable, naive: NaiveTable): void {
  for (const on of ['tls', 'http'] as const) {
    for (const name of [null, ...NAMES]) {
      const asked = name === null ? null : hostname(name);
      for (const offered of OFFERS) {
        const bound = table.route(on, asked, offered);
        const expected = naive.route(on, name, offered);
        if (bound?.route !== (expected ?? undefined))
          throw new Error(`${on} ${name} ${offered}: ${bound?.key}`);
        if (bound !== null) sameServices(bound, bound.route, naive);
      }
      if (table.isRouted(on, asked) !== naive.isRouted(on, name)) throw new Error(`${on} ${name} is routed`);
    }
  }
  for (const port of naive.ports()) {
    const bound = table.port(port);
    if (bound?.binding !== naive.port(port)) throw new Error(`port ${port}`);
    if (bound) sameServices(bound, bound.binding, naive);
  }
  const sizes = JSON.stringify(table.sizes());
  if (sizes !== JSON.stringify(naive.sizes()))
    throw new Error(`${sizes} is not ${JSON.stringify(naive.sizes())}`);
}

function sameServices(bound: BoundServices, target: Target, naive: NaiveTable): void {
  const services = [bound.service, ...bound.others];
  const expected = [target, ...target.others].map(({ service }) => service);
  if (`${services.map(({ key }) => key)}` !== `${expected}`)
    throw new Error(`${expected} are bound to others`);
  for (const service of services) sameReady(service, naive);
}

function sameReady(
  service: { readonly key: string; readonly ready: readonly object[] },
  naive: NaiveTable,
): void {
  const expected = naive.ready(service.key);
  if (
    service.ready.length !== expected.length ||
    expected.some((endpoint) => !service.ready.includes(endpoint))
  ) {
    throw new Error(`${service.key} has the wrong endpoints`);
  }
}
