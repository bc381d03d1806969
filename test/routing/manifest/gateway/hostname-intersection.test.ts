import { fc } from '@fast-check/ava';
import test from 'ava';
import {
  ANY_HOST,
  bySpecificity,
  intersect,
} from '../../../../routing/manifest/gateway/hostname-intersection.ts';
import { type HostPattern, parseHostPattern } from '../../../../routing/model/hostname.ts';
import { RouteTable } from '../../../../routing/table/route-table.ts';
import { hostname, must, routeRow, service } from '../../table/sample-rows.ts';
import { bound, gateway, resolveObjects, tlsListener, tlsRoute, verdict } from './sample-resources.ts';

// The cases of hostname intersection between a TLS listener and a TLSRoute, after the Gateway API's reference of
// Listener.hostname and TLSRoute.hostnames, GEP-2643 ("Hostname intersection") and its guide to hostnames.
// A listener without a hostname is written "none".
const INTERSECTIONS: ReadonlyArray<{
  readonly listener: string;
  readonly route: readonly string[];
  readonly effective: readonly string[];
}> = [
  // Exact and exact: the same or nothing.
  { listener: 'www.example.com', route: ['www.example.com'], effective: ['www.example.com'] },
  { listener: 'www.example.com', route: ['www1.example.com'], effective: [] },
  { listener: 'www.example.com', route: ['example.com'], effective: [] },
  { listener: 'example.com', route: ['www.example.com'], effective: [] },
  { listener: 'www.example.com', route: ['www.example.com.evil.net'], effective: [] },
  // A wildcard listener and an exact route: one label or more, never the name itself.
  { listener: '*.example.com', route: ['www.example.com'], effective: ['www.example.com'] },
  { listener: '*.example.com', route: ['a.b.c.example.com'], effective: ['a.b.c.example.com'] },
  { listener: '*.example.com', route: ['example.com'], effective: [] },
  { listener: '*.example.com', route: ['www.example.net'], effective: [] },
  { listener: '*.example.com', route: ['badexample.com'], effective: [] },
  { listener: '*.com', route: ['example.com'], effective: ['example.com'] },
  // An exact listener and a wildcard route: the listener's name.
  { listener: 'www.example.com', route: ['*.example.com'], effective: ['www.example.com'] },
  { listener: 'a.b.c.example.com', route: ['*.example.com'], effective: ['a.b.c.example.com'] },
  { listener: 'www.example.com', route: ['*.com'], effective: ['www.example.com'] },
  { listener: 'example.com', route: ['*.example.com'], effective: [] },
  { listener: 'badexample.com', route: ['*.example.com'], effective: [] },
  { listener: 'www.example.com', route: ['*.example.net'], effective: [] },
  // Two wildcards: the narrower of the two.
  { listener: '*.example.com', route: ['*.example.com'], effective: ['*.example.com'] },
  { listener: '*.com', route: ['*.example.com'], effective: ['*.example.com'] },
  { listener: '*.example.com', route: ['*.com'], effective: ['*.example.com'] },
  { listener: '*.example.com', route: ['*.a.b.example.com'], effective: ['*.a.b.example.com'] },
  { listener: '*.example.com', route: ['*.example.net'], effective: [] },
  { listener: '*.a.example.com', route: ['*.b.example.com'], effective: [] },
  { listener: '*.example.com', route: ['*.badexample.com'], effective: [] },
  // A listener without a hostname takes all that the route has.
  { listener: 'none', route: ['www.example.com'], effective: ['www.example.com'] },
  { listener: 'none', route: ['*.example.com'], effective: ['*.example.com'] },
  { listener: 'none', route: ['*.com', 'a.net'], effective: ['*.com', 'a.net'] },
  // Of several hostnames those that do not match are ignored.
  {
    listener: '*.example.com',
    route: ['test.example.com', 'test.example.net'],
    effective: ['test.example.com'],
  },
  {
    listener: '*.example.com',
    route: ['example.com', '*.example.com', 'a.example.com', 'b.a.example.com'],
    effective: ['*.example.com', 'a.example.com', 'b.a.example.com'],
  },
  { listener: '*.example.com', route: ['a.net', 'b.org', 'example.com'], effective: [] },
  // Two hostnames of one route that come down to the same name are one.
  { listener: 'www.example.com', route: ['*.com', '*.example.com'], effective: ['www.example.com'] },
];

for (const { listener, route, effective } of INTERSECTIONS) {
  const outcome = effective.length === 0 ? 'is not accepted' : `serves ${effective.join(' and ')}`;
  test(`a route for ${route.join(', ')} on a listener for ${listener} ${outcome}`, (t) => {
    const hostname = listener === 'none' ? {} : { hostname: listener };
    const resolved = resolveObjects([
      gateway([tlsListener('tls', hostname)]),
      tlsRoute({ hostnames: route }),
    ]);
    t.deepEqual(resolved.problems, []);
    t.deepEqual(bound(resolved), effective.map((name) => `${name} → shop`).toSorted());
    t.is(
      verdict(resolved, 'TLSRoute', 'shop'),
      effective.length === 0 ? 'False NoMatchingListenerHostname' : 'True Accepted',
    );
  });
}

// Before v1alpha3 a TLSRoute could be without hostnames: then the listener's is the one.
const WITHOUT_HOSTNAMES: ReadonlyArray<{ readonly listener: string; readonly effective: string }> = [
  { listener: 'www.example.com', effective: 'www.example.com' },
  { listener: '*.example.com', effective: '*.example.com' },
  { listener: 'none', effective: '*' },
];

for (const { listener, effective } of WITHOUT_HOSTNAMES) {
  test(`a route without hostnames on a listener for ${listener} serves ${effective}`, (t) => {
    const hostname = listener === 'none' ? {} : { hostname: listener };
    const resolved = resolveObjects([
      gateway([tlsListener('tls', hostname)]),
      tlsRoute({ version: 'v1alpha2' }),
    ]);
    t.deepEqual(bound(resolved), [`${effective} → shop`]);
  });
}

test('an empty hostname of a listener is none', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('tls', { hostname: '' })]),
    tlsRoute({ hostnames: ['a.net'] }),
  ]);
  t.deepEqual(bound(resolved), ['a.net → shop']);
});

// Which route a name goes to: what the routes resolve to, put into the table that edges ask.
// `created` is the year; `listener` names the one that the route attaches to, where it does not attach to all.
const PRECEDENCE: ReadonlyArray<{
  readonly title: string;
  readonly listeners: Readonly<Record<string, string>>;
  readonly routes: ReadonlyArray<{
    readonly name: string;
    readonly hostnames: readonly string[];
    readonly created?: number;
    readonly listener?: string;
    readonly namespace?: string;
  }>;
  readonly goes: Readonly<Record<string, string | null>>;
}> = [
  {
    title: 'an exact hostname before a wildcard, whichever is older',
    listeners: { all: 'none' },
    routes: [
      { name: 'wild', hostnames: ['*.example.com'], created: 2020 },
      { name: 'exact', hostnames: ['www.example.com'], created: 2024 },
    ],
    goes: { 'www.example.com': 'exact', 'other.example.com': 'wild', 'example.com': null, 'a.net': null },
  },
  {
    title: 'the wildcard with more labels first, whichever is older',
    listeners: { all: 'none' },
    routes: [
      { name: 'com', hostnames: ['*.com'], created: 2019 },
      { name: 'example', hostnames: ['*.example.com'], created: 2020 },
      { name: 'deep', hostnames: ['*.a.example.com'], created: 2024 },
    ],
    goes: {
      'b.a.example.com': 'deep',
      'c.b.a.example.com': 'deep',
      'a.example.com': 'example',
      'x.y.example.com': 'example',
      'example.com': 'com',
      'other.com': 'com',
      com: null,
    },
  },
  {
    title: 'the route without a hostname last',
    listeners: { all: 'none' },
    routes: [
      { name: 'rest', hostnames: [], created: 2019 },
      { name: 'com', hostnames: ['*.com'], created: 2020 },
      { name: 'exact', hostnames: ['a.com'], created: 2021 },
    ],
    goes: { 'a.com': 'exact', 'b.com': 'com', 'a.net': 'rest' },
  },
  {
    title: 'only the names of the listener, whatever the route would take',
    listeners: { narrow: '*.example.com' },
    routes: [
      { name: 'wide', hostnames: ['*.com'] },
      { name: 'exact', hostnames: ['abc.example.com'] },
    ],
    goes: { 'abc.example.com': 'exact', 'other.example.com': 'wide', 'non.matching.com': null },
  },
  {
    title: 'the older of two routes for the same hostname',
    listeners: { all: 'none' },
    routes: [
      { name: 'a-younger', hostnames: ['www.example.com'], created: 2024 },
      { name: 'z-older', hostnames: ['www.example.com'], created: 2020 },
    ],
    goes: { 'www.example.com': 'z-older' },
  },
  {
    title: 'the older of two routes for the same wildcard',
    listeners: { all: '*.example.com' },
    routes: [
      { name: 'a-younger', hostnames: ['*.example.com'], created: 2024 },
      { name: 'z-older', hostnames: ['*.example.com'], created: 2020 },
    ],
    goes: { 'www.example.com': 'z-older' },
  },
  {
    title: 'a route that is in a cluster before one that is in none yet',
    listeners: { all: 'none' },
    routes: [
      { name: 'a-new', hostnames: ['www.example.com'] },
      { name: 'z-old', hostnames: ['www.example.com'], created: 2024 },
    ],
    goes: { 'www.example.com': 'z-old' },
  },
  {
    title: 'the first name in the alphabet of two routes of one age',
    listeners: { all: 'none' },
    routes: [
      { name: 'baz', hostnames: ['www.example.com'], created: 2024 },
      { name: 'bar', hostnames: ['www.example.com'], created: 2024 },
    ],
    goes: { 'www.example.com': 'bar' },
  },
  {
    title: 'the first namespace in the alphabet before the name',
    listeners: { all: 'none' },
    routes: [
      { name: 'aaa', namespace: 'beta', hostnames: ['www.example.com'] },
      { name: 'zzz', namespace: 'acme', hostnames: ['www.example.com'] },
    ],
    goes: { 'www.example.com': 'zzz' },
  },
  {
    title: 'namespace a before namespace a-b, whatever the slash between namespace and name would sort as',
    listeners: { all: 'none' },
    routes: [
      { name: 'first', namespace: 'a-b', hostnames: ['www.example.com'] },
      { name: 'second', namespace: 'a', hostnames: ['www.example.com'] },
    ],
    goes: { 'www.example.com': 'second' },
  },
  {
    title: 'the more specific of the hostnames as written, where an exact listener makes them the same',
    listeners: { exact: 'abc.example.com' },
    routes: [
      { name: 'wild', hostnames: ['*.example.com'], created: 2020 },
      { name: 'exact', hostnames: ['abc.example.com'], created: 2024 },
    ],
    goes: { 'abc.example.com': 'exact' },
  },
  {
    title: 'the more specific of the wildcards as written, where a wildcard listener makes them the same',
    listeners: { wild: '*.example.com' },
    routes: [
      { name: 'wide', hostnames: ['*.com'], created: 2020 },
      { name: 'narrow', hostnames: ['*.example.com'], created: 2024 },
    ],
    goes: { 'abc.example.com': 'narrow' },
  },
  {
    title: 'the route of the more specific listener, even where the other route is older and more specific',
    listeners: { exact: 'foo.example.com', wild: '*.example.com' },
    routes: [
      { name: 'on-wild', hostnames: ['foo.example.com'], created: 2020, listener: 'wild' },
      { name: 'on-exact', hostnames: ['*.example.com'], created: 2024, listener: 'exact' },
    ],
    goes: { 'foo.example.com': 'on-exact', 'bar.example.com': null },
  },
  {
    title: 'each name to the more specific of three listeners',
    listeners: { exact: 'foo.example.com', wild: '*.example.com', rest: 'none' },
    routes: [
      { name: 'exact', hostnames: ['foo.example.com'], listener: 'exact' },
      { name: 'wild', hostnames: ['*.example.com'], listener: 'wild' },
      { name: 'rest', hostnames: ['*.com', '*.net'], listener: 'rest' },
    ],
    goes: {
      'foo.example.com': 'exact',
      'bar.example.com': 'wild',
      'a.com': 'rest',
      'a.net': 'rest',
      'a.org': null,
    },
  },
  {
    title: 'one hostname lost and the others kept',
    listeners: { all: 'none' },
    routes: [
      { name: 'older', hostnames: ['a.example.com'], created: 2020 },
      { name: 'younger', hostnames: ['a.example.com', 'b.example.com'], created: 2024 },
    ],
    goes: { 'a.example.com': 'older', 'b.example.com': 'younger' },
  },
];

for (const { title, listeners, routes, goes } of PRECEDENCE) {
  test(`picks ${title}`, (t) => {
    const specs = Object.entries(listeners).map(([name, hostname]) =>
      tlsListener(name, {
        ...(hostname === 'none' ? {} : { hostname }),
        allowedRoutes: { namespaces: { from: 'All' } },
      }),
    );
    const objects = routes.map(({ name, namespace, hostnames, created, listener }) =>
      tlsRoute({
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(hostnames.length === 0 ? { version: 'v1alpha2' } : { hostnames }),
        ...(created === undefined ? {} : { created: `${created}-01-31T12:00:00Z` }),
        parentRefs: [
          { name: 'edge', namespace: 'acme', ...(listener === undefined ? {} : { sectionName: listener }) },
        ],
      }),
    );
    // Neither the order of the documents nor that of the listeners may decide.
    for (const all of [
      [gateway(specs), ...objects],
      [...objects.toReversed(), gateway(specs.toReversed())],
    ]) {
      const resolved = resolveObjects(all);
      t.deepEqual(resolved.problems, []);
      for (const { name } of routes) t.is(verdict(resolved, 'TLSRoute', name), 'True Accepted');
      const table = tableOf(resolved);
      for (const [name, route] of Object.entries(goes)) {
        const found = table.route('tls', hostname(name));
        t.is(found?.service.key, route === null ? undefined : service(route), name);
      }
    }
  });
}

const LABEL = fc.constantFrom('a', 'b', 'ab');
const NAME = fc.array(LABEL, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const PATTERN = fc
  .oneof(
    NAME,
    NAME.map((name) => `*.${name}`),
    fc.constant('*'),
  )
  .map((text) => must(parseHostPattern(text)));

test('the intersection of two hostnames matches exactly what both match', (t) => {
  fc.assert(
    fc.property(PATTERN, PATTERN, NAME, (listener, route, name) => {
      const both = intersect(listener, route);
      const isInBoth = isMatch(listener, name) && isMatch(route, name);
      t.is(both !== null && isMatch(both, name), isInBoth);
      t.is(both, intersect(route, listener));
    }),
    { numRuns: 2000 },
  );
});

test('orders patterns as the table does', (t) => {
  fc.assert(
    fc.property(PATTERN, PATTERN, NAME, (one, other, name) => {
      if (one === other || !isMatch(one, name) || !isMatch(other, name)) return;
      const table = new RouteTable();
      for (const pattern of [one, other]) table.apply(routeRow(pattern));
      const found = table.route('tls', hostname(name))?.route.pattern;
      t.is(found, bySpecificity(one, other) < 0 ? one : other);
    }),
    { numRuns: 2000 },
  );
});

/** What a pattern means, label by label. */
function isMatch(pattern: HostPattern, name: string): boolean {
  if (pattern === ANY_HOST) return true;
  const labels = name.split('.');
  const [first, ...rest] = pattern.split('.');
  if (first !== '*') return pattern === name;
  return labels.length > rest.length && labels.slice(-rest.length).join('.') === rest.join('.');
}

/** Each route's app stands in the table as a process type, which is what a sample row can choose. */
function tableOf({ desired }: ReturnType<typeof resolveObjects>): RouteTable {
  const table = new RouteTable();
  for (const { wanted } of desired) {
    if (wanted.kind !== 'route') throw new Error(wanted.kind);
    table.apply(routeRow(wanted.input.hostname, { process: wanted.input.app }));
  }
  return table;
}
