import test from 'ava';
import { isAccepted } from '../../../../routing/manifest/gateway/status.ts';
import { formatPath } from '../../../../routing/manifest/validate.ts';
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

const EDGE = gateway([tlsListener('tls'), tcpListener('tcp', 5432)]);

test('reads a Service as a service of the org that the namespace names', (t) => {
  const { desired } = resolveObjects([
    EDGE,
    tlsRoute({
      hostnames: ['www.example.com'],
      annotations: { 'weir/proxy-protocol': 'v2', team: 'web' },
      backendRefs: [
        { name: 'shop.staging.api', port: 8443, weight: 90 },
        { group: '', kind: 'Service', namespace: 'acme', name: 'shop', port: 443 },
        { name: 'shop.canary', port: 443, weight: 0 },
      ],
    }),
  ]);
  t.deepEqual(
    desired.map(({ wanted }) => wanted),
    [
      {
        kind: 'route',
        input: {
          org: 'acme',
          app: 'shop',
          env: 'staging',
          process: 'api',
          backendPort: 8443,
          weight: 90,
          others: [
            { app: 'shop', env: 'production', process: 'web', backendPort: 443, weight: 1 },
            { app: 'shop', env: 'canary', process: 'web', backendPort: 443, weight: 0 },
          ],
          proxyProtocol: 'v2',
          hostname: 'www.example.com',
          listener: 'tls',
        },
      },
    ],
  );
});

test('a TCPRoute binds the port of each TCP listener', (t) => {
  const resolved = resolveObjects([
    gateway([tcpListener('one', 5432), tcpListener('two', 6379), tlsListener('tls')]),
    tcpRoute({ name: 'data', backendRefs: [{ name: 'data', port: 5433 }] }),
  ]);
  t.is(verdict(resolved, 'TCPRoute', 'data'), 'True Accepted');
  t.deepEqual(
    resolved.desired.map(({ wanted }) => wanted),
    [5432, 6379].map((port) => ({
      kind: 'port' as const,
      input: {
        org: 'acme',
        app: 'data',
        env: 'production',
        process: 'web',
        backendPort: 5433,
        weight: 1,
        others: [],
        proxyProtocol: 'none',
        port,
      },
    })),
  );
});

test('binds ports on the addresses that the Gateway names', (t) => {
  const resolved = resolveObjects([
    gateway([tcpListener('https', 443)], {
      addresses: [{ value: '203.0.113.7' }, { type: 'IPAddress', value: '203.0.113.8' }],
    }),
    tcpRoute({ name: 'data' }),
  ]);
  t.deepEqual(bound(resolved), ['203.0.113.7:443 → data', '203.0.113.8:443 → data']);
});

test('an empty list of addresses means the addresses that all orgs share', (t) => {
  const resolved = resolveObjects([
    gateway([tcpListener('tcp', 5432)], { addresses: [] }),
    tcpRoute({ name: 'data' }),
  ]);
  t.deepEqual(bound(resolved), ['5432 → data']);
});

test('points at where each field came from', (t) => {
  const { desired } = resolveObjects([
    EDGE,
    tlsRoute({
      hostnames: ['a.net', 'www.example.com'],
      backendRefs: [
        { name: 'shop', port: 8443 },
        { name: 'shop.canary', port: 8444, weight: 1 },
      ],
    }),
    tcpRoute({ name: 'data' }),
  ]);
  const [first, second, tcp] = desired;
  const at = (one: typeof first, field: string) => one && formatPath(one.pathOf(field));
  t.is(at(first, 'hostname'), 'spec.hostnames[0]');
  t.is(at(second, 'hostname'), 'spec.hostnames[1]');
  t.is(at(second, 'listener'), 'spec.hostnames[1]');
  t.is(at(second, 'org'), 'metadata.namespace');
  for (const field of ['app', 'env', 'process', 'service']) {
    t.is(at(second, field), 'spec.rules[0].backendRefs[0].name');
  }
  t.is(at(second, 'backendPort'), 'spec.rules[0].backendRefs[0].port');
  t.is(at(second, 'weight'), 'spec.rules[0].backendRefs[0].weight');
  t.is(at(second, 'others'), 'spec.rules[0].backendRefs');
  t.is(at(second, 'others.0.backendPort'), 'spec.rules[0].backendRefs[1].port');
  t.is(at(second, 'others[0].weight'), 'spec.rules[0].backendRefs[1].weight');
  t.is(at(second, 'others[0].app'), 'spec.rules[0].backendRefs[1].name');
  t.is(at(second, 'others[0]'), 'spec.rules[0].backendRefs[1]');
  t.true(at(second, 'proxyProtocol')?.startsWith('metadata.annotations'));
  t.is(at(tcp, 'port'), 'spec.parentRefs[0]');
  t.is(second?.document.place(second.pathOf('hostname')).file, 'gateway.yaml');
});

test('a hostname that came from the listener is the parentRef’s', (t) => {
  const { desired } = resolveObjects([EDGE, tlsRoute({ version: 'v1alpha2' })]);
  t.is(formatPath(desired[0]?.pathOf('hostname') ?? []), 'spec.parentRefs[0]');
});

const REFUSED: ReadonlyArray<{
  readonly title: string;
  readonly ref: Readonly<Record<string, unknown>>;
  readonly verdict: string;
  readonly says: RegExp;
}> = [
  {
    title: 'of another kind',
    ref: { kind: 'ServiceImport', group: 'multicluster.x-k8s.io', name: 'shop', port: 443 },
    verdict: 'False InvalidKind',
    says: /backend shop is a ServiceImport of multicluster\.x-k8s\.io; weir takes a Service/,
  },
  {
    title: 'of a group that is not the core',
    ref: { group: 'example.com', name: 'shop', port: 443 },
    verdict: 'False InvalidKind',
    says: /Service of example\.com/,
  },
  {
    title: 'of another namespace',
    ref: { namespace: 'beta', name: 'shop', port: 443 },
    verdict: 'False RefNotPermitted',
    says: /no ReferenceGrant changes that/,
  },
];

for (const { title, ref, verdict: expected, says } of REFUSED) {
  test(`does not apply a route with a backend ${title}, also beside a good one`, (t) => {
    const resolved = resolveObjects([
      EDGE,
      {
        apiVersion: 'gateway.networking.k8s.io/v1beta1',
        kind: 'ReferenceGrant',
        metadata: { name: 'grant', namespace: 'beta' },
        spec: {
          from: [{ group: 'gateway.networking.k8s.io', kind: 'TLSRoute', namespace: 'acme' }],
          to: [{ group: '', kind: 'Service' }],
        },
      },
      tlsRoute({ hostnames: ['a.net'], backendRefs: [{ name: 'good', port: 1 }, ref] }),
    ]);
    t.deepEqual(resolved.problems, []);
    t.is(verdict(resolved, 'TLSRoute', 'shop'), 'True Accepted');
    t.is(verdict(resolved, 'TLSRoute', 'shop', 'ResolvedRefs'), expected);
    t.regex(message(resolved, 'TLSRoute', 'shop', 'ResolvedRefs'), says);
    t.deepEqual(resolved.desired, []);
    t.false(isAccepted(resolved.statuses));
  });
}

test('a service that is not known is said, and the route applied all the same', (t) => {
  const asked: string[] = [];
  const resolved = resolveObjects(
    [
      EDGE,
      tlsRoute({
        hostnames: ['a.net'],
        backendRefs: [
          { name: 'shop', port: 1 },
          { name: 'new.qa', port: 2 },
        ],
      }),
    ],
    {
      org: 'acme',
      hasService: (...service) => {
        asked.push(service.join('/'));
        return service[1] === 'shop';
      },
    },
  );
  t.deepEqual(asked, ['acme/shop/production/web', 'acme/new/qa/web']);
  t.is(verdict(resolved, 'TLSRoute', 'shop', 'ResolvedRefs'), 'False BackendNotFound');
  t.regex(message(resolved, 'TLSRoute', 'shop', 'ResolvedRefs'), /acme\/new\/qa\/web yet/);
  t.deepEqual(bound(resolved), ['a.net → shop']);
  t.true(isAccepted(resolved.statuses));
});

test('a route whose weights are all 0 is applied, and what that means is said', (t) => {
  const resolved = resolveObjects([
    EDGE,
    tlsRoute({ hostnames: ['a.net'], backendRefs: [{ name: 'shop', port: 1, weight: 0 }] }),
  ]);
  t.regex(message(resolved, 'TLSRoute', 'shop'), /all weights are 0, so every connection is refused/);
  t.is(resolved.desired.length, 1);
});

const PROBLEMS: ReadonlyArray<{
  readonly ref: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly problem: RegExp;
}> = [
  {
    ref: { name: 'shop' },
    path: 'spec.rules[0].backendRefs[0].port',
    problem: /^is required for a Service$/,
  },
  {
    ref: { name: 'a.b.c.d', port: 1 },
    path: 'spec.rules[0].backendRefs[0].name',
    problem: /^has to be APP, APP\.ENV or/,
  },
  {
    ref: { name: 'a'.repeat(64), port: 1 },
    path: 'spec.rules[0].backendRefs[0].name',
    problem: /63 characters/,
  },
  { ref: { name: 'Shop', port: 1 }, path: 'spec.rules[0].backendRefs[0].name', problem: /must be a-z/ },
  { ref: { name: 'shop', port: 0 }, path: 'spec.rules[0].backendRefs[0].port', problem: /at least 1/ },
  { ref: { name: 'shop', port: 65536 }, path: 'spec.rules[0].backendRefs[0].port', problem: /at most 65535/ },
  {
    ref: { name: 'shop', port: 1, weight: -1 },
    path: 'spec.rules[0].backendRefs[0].weight',
    problem: /at least 0/,
  },
  {
    ref: { name: 'shop', port: 1, weight: 1_000_001 },
    path: 'spec.rules[0].backendRefs[0].weight',
    problem: /at most/,
  },
  {
    ref: { name: 'shop', port: 1, filters: [] },
    path: 'spec.rules[0].backendRefs[0].filters',
    problem: /not a known field/,
  },
];

for (const { ref, path, problem } of PROBLEMS) {
  test(`finds what is wrong with the backend ${JSON.stringify(ref).slice(0, 60)}`, (t) => {
    const { problems, desired } = resolveObjects([
      EDGE,
      tlsRoute({ hostnames: ['a.net'], backendRefs: [ref] }),
    ]);
    t.is(problems.length, 1);
    t.is(problems[0]?.path, path);
    t.regex(problems[0]?.problem ?? '', problem);
    t.deepEqual(desired, []);
  });
}
