import test from 'ava';
import { isAccepted } from '../../../../routing/manifest/gateway/status.ts';
import {
  bound,
  gateway,
  message,
  resolveObjects,
  tcpListener,
  tcpRoute,
  tlsListener,
  tlsRoute,
  verdict,
} from './sample-resources.ts';

const TWO = gateway([
  tlsListener('public', { hostname: '*.example.com' }),
  tlsListener('inner', { port: 8443, hostname: '*.example.net' }),
]);
const BOTH = ['www.example.com', 'www.example.net'];

const PARENTS: ReadonlyArray<{
  readonly title: string;
  readonly parentRefs: readonly Readonly<Record<string, unknown>>[];
  readonly bound: readonly string[];
  readonly verdict: string;
  readonly parent: string;
}> = [
  {
    title: 'the Gateway alone means all of its listeners',
    parentRefs: [{ name: 'edge' }],
    bound: BOTH,
    verdict: 'True Accepted',
    parent: 'Gateway acme/edge',
  },
  {
    title: 'everything that has a default can be written out',
    parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'acme', name: 'edge' }],
    bound: BOTH,
    verdict: 'True Accepted',
    parent: 'Gateway acme/edge',
  },
  {
    title: 'a section name means one listener',
    parentRefs: [{ name: 'edge', sectionName: 'inner' }],
    bound: ['www.example.net'],
    verdict: 'True Accepted',
    parent: 'Gateway acme/edge, listener inner',
  },
  {
    title: 'a port means the listeners of that port',
    parentRefs: [{ name: 'edge', port: 443 }],
    bound: ['www.example.com'],
    verdict: 'True Accepted',
    parent: 'Gateway acme/edge, port 443',
  },
  {
    title: 'section name and port both have to match',
    parentRefs: [{ name: 'edge', sectionName: 'public', port: 443 }],
    bound: ['www.example.com'],
    verdict: 'True Accepted',
    parent: 'Gateway acme/edge, listener public, port 443',
  },
  {
    title: 'a section name with another listener’s port matches nothing',
    parentRefs: [{ name: 'edge', sectionName: 'public', port: 8443 }],
    bound: [],
    verdict: 'False NoMatchingParent',
    parent: 'Gateway acme/edge, listener public, port 8443',
  },
  {
    title: 'a section name that is not there matches nothing',
    parentRefs: [{ name: 'edge', sectionName: 'missing' }],
    bound: [],
    verdict: 'False NoMatchingParent',
    parent: 'Gateway acme/edge, listener missing',
  },
  {
    title: 'a port that is not there matches nothing',
    parentRefs: [{ name: 'edge', port: 444 }],
    bound: [],
    verdict: 'False NoMatchingParent',
    parent: 'Gateway acme/edge, port 444',
  },
  {
    title: 'a Gateway of another name matches nothing',
    parentRefs: [{ name: 'other' }],
    bound: [],
    verdict: 'False NoMatchingParent',
    parent: 'Gateway acme/other',
  },
  {
    title: 'a Gateway of another namespace matches nothing',
    parentRefs: [{ name: 'edge', namespace: 'infra' }],
    bound: [],
    verdict: 'False NoMatchingParent',
    parent: 'Gateway infra/edge',
  },
  {
    title: 'a Service is no parent',
    parentRefs: [{ group: '', kind: 'Service', name: 'edge' }],
    bound: [],
    verdict: 'False NoMatchingParent',
    parent: 'Service acme/edge',
  },
  {
    title: 'a ListenerSet is no parent',
    parentRefs: [{ kind: 'ListenerSet', name: 'edge' }],
    bound: [],
    verdict: 'False NoMatchingParent',
    parent: 'ListenerSet acme/edge',
  },
  {
    title: 'no parent at all is said',
    parentRefs: [],
    bound: [],
    verdict: 'False NoMatchingParent',
    parent: 'none',
  },
];

for (const { title, parentRefs, bound: names, verdict: expected, parent } of PARENTS) {
  test(`as a route's parent, ${title}`, (t) => {
    const resolved = resolveObjects([TWO, tlsRoute({ hostnames: BOTH, parentRefs })]);
    t.deepEqual(resolved.problems, []);
    t.is(verdict(resolved, 'TLSRoute', 'shop'), expected);
    t.is(resolved.statuses.find(({ kind }) => kind === 'TLSRoute')?.parent, parent);
    t.deepEqual(
      bound(resolved),
      names.map((name) => `${name} → shop`),
    );
    t.is(isAccepted(resolved.statuses), names.length > 0);
  });
}

test('says which listeners there are where none is meant', (t) => {
  const resolved = resolveObjects([
    TWO,
    tlsRoute({ hostnames: BOTH, parentRefs: [{ name: 'edge', port: 444 }] }),
  ]);
  t.is(
    message(resolved, 'TLSRoute', 'shop'),
    'Gateway acme/edge has no listener with port 444; it has public (443), inner (8443)',
  );
});

test('gives a route a status at each of its parents, at the place of each', (t) => {
  const resolved = resolveObjects([
    TWO,
    tlsRoute({
      hostnames: ['www.example.com'],
      parentRefs: [
        { name: 'edge', sectionName: 'public' },
        { name: 'edge', sectionName: 'inner' },
      ],
    }),
  ]);
  const statuses = resolved.statuses.filter(({ kind }) => kind === 'TLSRoute');
  t.deepEqual(
    statuses.map(({ parent, conditions }) => [parent, conditions[0]?.reason]),
    [
      ['Gateway acme/edge, listener public', 'Accepted'],
      ['Gateway acme/edge, listener inner', 'NoMatchingListenerHostname'],
    ],
  );
  t.true((statuses[0]?.place.line ?? 0) < (statuses[1]?.place.line ?? 0));
  t.false(isAccepted(resolved.statuses));
});

test('names the hostnames that take effect and those that do not', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('tls', { hostname: '*.example.com' })]),
    tlsRoute({ hostnames: ['a.example.com', 'b.example.net'] }),
  ]);
  t.is(message(resolved, 'TLSRoute', 'shop'), 'a.example.com; in no listener: b.example.net');
});

const NAMESPACES: ReadonlyArray<{
  readonly title: string;
  readonly namespaces: unknown;
  readonly route: string;
  readonly isAllowed: boolean;
}> = [
  { title: 'no word, its own namespace', namespaces: undefined, route: 'infra', isAllowed: true },
  { title: 'no word, another namespace', namespaces: undefined, route: 'acme', isAllowed: false },
  { title: 'Same, its own', namespaces: { from: 'Same' }, route: 'infra', isAllowed: true },
  { title: 'Same, another', namespaces: { from: 'Same' }, route: 'acme', isAllowed: false },
  { title: 'All', namespaces: { from: 'All' }, route: 'beta', isAllowed: true },
  {
    title: 'a selector by label',
    namespaces: { from: 'Selector', selector: { matchLabels: { tier: 'gold' } } },
    route: 'acme',
    isAllowed: true,
  },
  {
    title: 'a selector by another label',
    namespaces: { from: 'Selector', selector: { matchLabels: { tier: 'silver' } } },
    route: 'acme',
    isAllowed: false,
  },
  {
    title: 'a selector by the label of the name, of a namespace that no document describes',
    namespaces: { from: 'Selector', selector: { matchLabels: { 'kubernetes.io/metadata.name': 'beta' } } },
    route: 'beta',
    isAllowed: true,
  },
  {
    title: 'a selector by label, of a namespace that no document describes',
    namespaces: { from: 'Selector', selector: { matchLabels: { tier: 'gold' } } },
    route: 'beta',
    isAllowed: false,
  },
  {
    title: 'an empty selector',
    namespaces: { from: 'Selector', selector: {} },
    route: 'beta',
    isAllowed: true,
  },
  ...(
    [
      [{ key: 'tier', operator: 'In', values: ['gold', 'silver'] }, 'acme', true],
      [{ key: 'tier', operator: 'In', values: ['silver'] }, 'acme', false],
      [{ key: 'tier', operator: 'In', values: ['gold'] }, 'beta', false],
      [{ key: 'tier', operator: 'NotIn', values: ['silver'] }, 'acme', true],
      [{ key: 'tier', operator: 'NotIn', values: ['gold'] }, 'acme', false],
      [{ key: 'tier', operator: 'NotIn', values: ['gold'] }, 'beta', true],
      [{ key: 'tier', operator: 'Exists' }, 'acme', true],
      [{ key: 'tier', operator: 'Exists' }, 'beta', false],
      [{ key: 'tier', operator: 'DoesNotExist' }, 'acme', false],
      [{ key: 'tier', operator: 'DoesNotExist' }, 'beta', true],
      [{ key: 'constructor', operator: 'Exists' }, 'acme', false],
    ] as const
  ).map(([expression, route, isAllowed]) => ({
    title: `${expression.key} ${expression.operator} ${JSON.stringify('values' in expression ? expression.values : [])}`,
    namespaces: { from: 'Selector', selector: { matchExpressions: [expression] } },
    route,
    isAllowed,
  })),
];

for (const { title, namespaces, route, isAllowed } of NAMESPACES) {
  test(`a listener with ${title} ${isAllowed ? 'takes' : 'does not take'} a route of ${route}`, (t) => {
    const resolved = resolveObjects([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'acme', labels: { tier: 'gold' } } },
      gateway([tlsListener('tls', { allowedRoutes: namespaces === undefined ? {} : { namespaces } })], {
        namespace: 'infra',
      }),
      tlsRoute({
        namespace: route,
        hostnames: ['a.net'],
        parentRefs: [{ name: 'edge', namespace: 'infra' }],
      }),
    ]);
    t.deepEqual(resolved.problems, []);
    t.is(verdict(resolved, 'TLSRoute', 'shop'), isAllowed ? 'True Accepted' : 'False NotAllowedByListeners');
  });
}

test('tells that the labels of a namespace are not known', (t) => {
  const selector = { matchLabels: { tier: 'gold' } };
  const resolved = resolveObjects([
    gateway([tlsListener('tls', { allowedRoutes: { namespaces: { from: 'Selector', selector } } })]),
    tlsRoute({ hostnames: ['a.net'] }),
  ]);
  t.regex(message(resolved, 'TLSRoute', 'shop'), /apply its Namespace document too/);
});

test('a TLSRoute does not attach to TCP, nor a TCPRoute to TLS', (t) => {
  const resolved = resolveObjects([
    gateway([tcpListener('tcp', 5432), tlsListener('tls')]),
    tlsRoute({ name: 'one', hostnames: ['a.net'], parentRefs: [{ name: 'edge', sectionName: 'tcp' }] }),
    tcpRoute({ name: 'two', parentRefs: [{ name: 'edge', sectionName: 'tls' }] }),
  ]);
  t.is(verdict(resolved, 'TLSRoute', 'one'), 'False NotAllowedByListeners');
  t.is(message(resolved, 'TLSRoute', 'one'), 'listener tcp: takes TCPRoute');
  t.is(verdict(resolved, 'TCPRoute', 'two'), 'False NotAllowedByListeners');
});

test('a route does not attach to a listener that allows other kinds only', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('tls', { allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }] } })]),
    tlsRoute({ hostnames: ['a.net'] }),
  ]);
  t.is(verdict(resolved, 'Listener', 'tls', 'ResolvedRefs'), 'False InvalidRouteKinds');
  t.is(verdict(resolved, 'TLSRoute', 'shop'), 'False NotAllowedByListeners');
});

test('a kind of another group is another kind', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('tls', { allowedRoutes: { kinds: [{ group: 'example.com', kind: 'TLSRoute' }] } })]),
    tlsRoute({ hostnames: ['a.net'] }),
  ]);
  t.is(verdict(resolved, 'TLSRoute', 'shop'), 'False NotAllowedByListeners');
});

test('a route on a listener that is terminated is not allowed there', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('tls', { tls: { mode: 'Terminate', certificateRefs: [{ name: 'cert' }] } })]),
    tlsRoute({ hostnames: ['a.net'] }),
  ]);
  t.is(verdict(resolved, 'TLSRoute', 'shop'), 'False NotAllowedByListeners');
  t.regex(message(resolved, 'TLSRoute', 'shop'), /never terminates TLS/);
});

test('the reason is that of the listener that came closest', (t) => {
  const resolved = resolveObjects([
    gateway([tcpListener('tcp', 5432), tlsListener('tls', { hostname: 'www.example.com' })]),
    tlsRoute({ hostnames: ['www1.example.com'] }),
  ]);
  t.is(verdict(resolved, 'TLSRoute', 'shop'), 'False NoMatchingListenerHostname');
  t.regex(message(resolved, 'TLSRoute', 'shop'), /^listener tls is for www\.example\.com/);
});

test('a route of an older version with several rules is not accepted', (t) => {
  const rule = { backendRefs: [{ name: 'shop', port: 443 }] };
  const resolved = resolveObjects([
    gateway([tlsListener('tls')]),
    tlsRoute({ version: 'v1alpha2', hostnames: ['a.net'], rules: [rule, rule] }),
  ]);
  t.deepEqual(resolved.problems, []);
  t.is(verdict(resolved, 'TLSRoute', 'shop'), 'False UnsupportedValue');
  t.deepEqual(resolved.desired, []);
});
