import test from 'ava';
import { GATEWAY_KINDS, isGatewayDocument } from '../../../../routing/manifest/gateway/read-resources.ts';
import { resolveGateway } from '../../../../routing/manifest/gateway/resolve-gateway.ts';
import { isAccepted } from '../../../../routing/manifest/gateway/status.ts';
import { readDocuments } from '../../../../routing/manifest/read-documents.ts';
import { readManifests } from '../../../../routing/manifest/read-manifests.ts';
import {
  bound,
  gateway,
  resolveObjects,
  resolveText,
  tcpListener,
  tcpRoute,
  tlsListener,
  tlsRoute,
  verdict,
} from './sample-resources.ts';

const EDGE = gateway([tlsListener('tls'), tcpListener('tcp', 5432)]);

// As a platform team writes it: comments, quotes, flow style, several documents.
const BY_HAND = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: { exposure: public }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata:
  name: weir
spec:
  controllerName: weir.example/edge
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
  namespace: ingress
  labels:
    app.kubernetes.io/managed-by: Helm
  annotations:
    argocd.argoproj.io/sync-wave: "-5"
spec:
  gatewayClassName: weir
  listeners:
    - name: passthrough
      hostname: "*.apps.example.com"
      port: 443
      protocol: TLS
      tls: { mode: Passthrough }
      allowedRoutes:
        kinds: [{ kind: TLSRoute }]
        namespaces:
          from: Selector
          selector:
            matchExpressions:
              - { key: exposure, operator: In, values: [public] }
    - name: kafka
      port: 9092
      protocol: TCP
      allowedRoutes: { namespaces: { from: All } }
---
# Two thirds of the connections stay on the old release.
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata:
  name: storefront
  namespace: shop
spec:
  parentRefs:
    - name: public
      namespace: ingress
      sectionName: passthrough
  hostnames: [shop.apps.example.com, "*.shop.apps.example.com"]
  rules:
    - backendRefs:
        - { name: storefront, port: 8443, weight: 2 }
        - { name: storefront.canary, port: 8443, weight: 1 }
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: { name: kafka, namespace: shop, annotations: { weir/proxy-protocol: v2 } }
spec:
  parentRefs: [{ name: public, namespace: ingress, port: 9092 }]
  rules:
    - name: brokers
      backendRefs: [{ name: kafka.production.broker, port: 9092 }]
`;

test('resolves what a platform team writes by hand', (t) => {
  const resolved = resolveText(BY_HAND);
  t.deepEqual(resolved.problems, []);
  t.true(isAccepted(resolved.statuses));
  t.deepEqual(bound(resolved), [
    '*.shop.apps.example.com → storefront',
    '9092 → kafka',
    'shop.apps.example.com → storefront',
  ]);
  t.deepEqual(
    resolved.statuses.map(({ kind, namespace, name, parent }) => `${kind} ${namespace}/${name} at ${parent}`),
    [
      'Gateway ingress/public at GatewayClass weir',
      'Listener ingress/passthrough at Gateway ingress/public',
      'Listener ingress/kafka at Gateway ingress/public',
      'TLSRoute shop/storefront at Gateway ingress/public, listener passthrough',
      'TCPRoute shop/kafka at Gateway ingress/public, port 9092',
    ],
  );
});

// As `kubectl get gateways,tlsroutes -o yaml` writes it: a list, defaults filled in, everything that a cluster adds.
const EXPORTED = `
apiVersion: v1
items:
- apiVersion: gateway.networking.k8s.io/v1
  kind: Gateway
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"gateway.networking.k8s.io/v1","kind":"Gateway"}
    creationTimestamp: "2025-03-01T10:00:00Z"
    generation: 3
    managedFields:
    - apiVersion: gateway.networking.k8s.io/v1
      fieldsType: FieldsV1
      manager: kubectl
    name: edge
    namespace: acme
    resourceVersion: "812345"
    uid: 2f0c1f0e-6b0a-4d5c-9f55-0d8f3a1f9a10
  spec:
    gatewayClassName: weir
    listeners:
    - allowedRoutes:
        kinds:
        - group: gateway.networking.k8s.io
          kind: TLSRoute
        namespaces:
          from: Same
      hostname: '*.example.com'
      name: tls
      port: 443
      protocol: TLS
      tls:
        mode: Passthrough
  status:
    conditions:
    - lastTransitionTime: "2025-03-01T10:00:05Z"
      message: ""
      observedGeneration: 3
      reason: Accepted
      status: "True"
      type: Accepted
- apiVersion: gateway.networking.k8s.io/v1alpha3
  kind: TLSRoute
  metadata:
    creationTimestamp: "2025-03-02T10:00:00Z"
    finalizers: []
    generation: 1
    name: db
    namespace: acme
    ownerReferences:
    - apiVersion: example.com/v1
      kind: Database
      name: db
      uid: 57f6b4b2-3f5e-4a3e-8f43-8f5a6f0f6f11
  spec:
    hostnames:
    - db.example.com
    parentRefs:
    - group: gateway.networking.k8s.io
      kind: Gateway
      name: edge
      sectionName: tls
    rules:
    - backendRefs:
      - group: ""
        kind: Service
        name: db
        port: 5432
        weight: 1
  status:
    parents: []
kind: List
metadata:
  resourceVersion: ""
`;

test('resolves what kubectl exports', (t) => {
  const resolved = resolveText(EXPORTED, { org: 'acme' });
  t.deepEqual(resolved.problems, []);
  t.deepEqual(bound(resolved), ['db.example.com → db']);
  t.is(verdict(resolved, 'TLSRoute', 'db'), 'True Accepted');
});

for (const [kind, versions] of [
  ['TLSRoute', ['v1', 'v1alpha3', 'v1alpha2']],
  ['TCPRoute', ['v1', 'v1alpha2']],
] as const) {
  for (const version of versions) {
    test(`takes a ${kind} of ${version}`, (t) => {
      const route = kind === 'TLSRoute' ? tlsRoute({ version, hostnames: ['a.net'] }) : tcpRoute({ version });
      const resolved = resolveObjects([EDGE, route]);
      t.deepEqual(resolved.problems, []);
      t.is(verdict(resolved, kind, 'shop'), 'True Accepted');
    });
  }
}

for (const version of ['v1', 'v1beta1', 'v1alpha2']) {
  test(`takes a Gateway of ${version}`, (t) => {
    const resolved = resolveObjects([{ ...EDGE, apiVersion: `gateway.networking.k8s.io/${version}` }]);
    t.deepEqual(resolved.problems, []);
    t.is(verdict(resolved, 'Gateway', 'edge'), 'True Accepted');
  });
}

const RULE = { backendRefs: [{ name: 'shop', port: 1 }] };

const INVALID: ReadonlyArray<{
  readonly title: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly problem: RegExp;
}> = [
  {
    title: 'a version that there never was',
    object: tlsRoute({ version: 'v1beta1', hostnames: ['a.net'] }),
    path: 'apiVersion',
    problem: /^has to be of version v1, v1alpha3 or v1alpha2 for a TLSRoute$/,
  },
  {
    title: 'an HTTPRoute',
    object: { ...tlsRoute({}), kind: 'HTTPRoute' },
    path: 'kind',
    problem: /^HTTPRoute is not among .* TLSRoute and TCPRoute$/,
  },
  {
    title: 'a Namespace of the wrong group',
    object: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Namespace', metadata: { name: 'a' } },
    path: 'kind',
    problem: /^Namespace is not among/,
  },
  {
    title: 'a TLSRoute of v1 without hostnames',
    object: tlsRoute({}),
    path: 'spec.hostnames',
    problem: /^is required$/,
  },
  {
    title: 'a TLSRoute of v1alpha3 with no hostname in its list',
    object: tlsRoute({ version: 'v1alpha3', hostnames: [] }),
    path: 'spec.hostnames',
    problem: /^is empty$/,
  },
  {
    title: 'a TLSRoute of v1 with two rules',
    object: tlsRoute({ hostnames: ['a.net'], rules: [RULE, RULE] }),
    path: 'spec.rules',
    problem: /at most 1 item$/,
  },
  {
    title: 'a TCPRoute of v1 with two rules',
    object: tcpRoute({ rules: [RULE, RULE] }),
    path: 'spec.rules',
    problem: /at most 1 item$/,
  },
  {
    title: 'a rule without backends',
    object: tcpRoute({ backendRefs: [] }),
    path: 'spec.rules[0].backendRefs',
    problem: /^is empty$/,
  },
  {
    title: 'hostnames of a TCPRoute',
    object: tcpRoute({ hostnames: ['a.net'] }),
    path: 'spec.hostnames',
    problem: /not a known field/,
  },
  ...[
    '*',
    '*a.net',
    'a.*.net',
    '*.',
    'A.net',
    'a_b.net',
    'a.net.',
    '-a.net',
    'a b',
    '10.0.0.1',
    'a.net:443',
  ].map((hostname) => ({
    title: `the hostname ${hostname}`,
    object: tlsRoute({ hostnames: ['ok.net', hostname] }),
    path: 'spec.hostnames[1]',
    problem: /name/,
  })),
  {
    title: 'a hostname with a label that is too long',
    object: tlsRoute({ hostnames: [`${'a'.repeat(64)}.net`] }),
    path: 'spec.hostnames[0]',
    problem: /label longer than 63/,
  },
  {
    title: 'two references to the same parent',
    object: tlsRoute({ hostnames: ['a.net'], parentRefs: [{ name: 'edge' }, { name: 'edge' }] }),
    path: 'spec.parentRefs[1]',
    problem: /^names the same as parentRefs\[0\]/,
  },
  {
    title: 'two references to one parent by different fields',
    object: tlsRoute({
      hostnames: ['a.net'],
      parentRefs: [
        { name: 'edge', sectionName: 'tls' },
        { name: 'edge', port: 443 },
      ],
    }),
    path: 'spec.parentRefs[1]',
    problem: /both have to set the same ones/,
  },
  {
    title: 'an annotation of weir that there is not',
    object: tlsRoute({ hostnames: ['a.net'], annotations: { 'weir/proxyprotocol': 'v2' } }),
    path: 'metadata.annotations["weir/proxyprotocol"]',
    problem: /^is not known; the only annotation .* weir\/proxy-protocol$/,
  },
  {
    title: 'a PROXY protocol that there is not',
    object: tlsRoute({ hostnames: ['a.net'], annotations: { 'weir/proxy-protocol': 'v1' } }),
    path: 'metadata.annotations["weir/proxy-protocol"]',
    problem: /^must be none or v2$/,
  },
  {
    title: 'a time that is none',
    object: tlsRoute({ hostnames: ['a.net'], created: 'yesterday' }),
    path: 'metadata.creationTimestamp',
    problem: /must be a time/,
  },
  {
    title: 'two listeners of one name',
    object: gateway([tlsListener('tls'), tlsListener('tls', { port: 444 })]),
    path: 'spec.listeners[1].name',
    problem: /is the name of listeners\[0\] already/,
  },
  { title: 'no listener', object: gateway([]), path: 'spec.listeners', problem: /^is empty$/ },
  {
    title: 'tls on a TCP listener',
    object: gateway([tcpListener('tcp', 1, { tls: { mode: 'Passthrough' } })]),
    path: 'spec.listeners[0].tls',
    problem: /must not be there with protocol TCP/,
  },
  {
    title: 'a hostname on a TCP listener',
    object: gateway([tcpListener('tcp', 1, { hostname: 'a.net' })]),
    path: 'spec.listeners[0].hostname',
    problem: /must not be there with protocol TCP/,
  },
  {
    title: 'a selector that is missing',
    object: gateway([tlsListener('tls', { allowedRoutes: { namespaces: { from: 'Selector' } } })]),
    path: 'spec.listeners[0].allowedRoutes.namespaces.selector',
    problem: /is required with from: Selector/,
  },
  {
    title: 'an operator without values',
    object: gateway([
      tlsListener('tls', {
        allowedRoutes: {
          namespaces: { from: 'Selector', selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
        },
      }),
    ]),
    path: 'spec.listeners[0].allowedRoutes.namespaces.selector.matchExpressions[0].values',
    problem: /is required with In/,
  },
  {
    title: 'a field of a listener that is misspelt',
    object: gateway([tlsListener('tls', { hostnames: 'a.net' })]),
    path: 'spec.listeners[0].hostnames',
    problem: /not a known field; did you mean hostname\?/,
  },
  {
    title: 'a protocol that is no word',
    object: gateway([tlsListener('tls', { protocol: 'T\u001b[31mLS' })]),
    path: 'spec.listeners[0].protocol',
    problem: /must be a word/,
  },
];

for (const { title, object, path, problem } of INVALID) {
  test(`finds ${title}, with its place`, (t) => {
    const { problems, desired } = resolveObjects([EDGE, object]);
    t.is(problems.length, 1, JSON.stringify(problems));
    t.is(problems[0]?.path, path);
    t.regex(problems[0]?.problem ?? '', problem);
    t.is(problems[0]?.file, 'gateway.yaml');
    t.true((problems[0]?.line ?? 0) > 1);
    t.deepEqual(desired, []);
  });
}

test('points at the line of what is wrong', (t) => {
  const { problems } = resolveText(BY_HAND.replace('weight: 1 }', 'weigth: 1 }'));
  t.deepEqual(
    problems.map(({ line, path }) => [BY_HAND.split('\n')[line - 1]?.trim(), path]),
    [['- { name: storefront.canary, port: 8443, weight: 1 }', 'spec.rules[0].backendRefs[1].weigth']],
  );
});

test('takes the org that is applied for where a route names no namespace', (t) => {
  const objects = [
    { ...EDGE, metadata: { name: 'edge' } },
    { ...tlsRoute({ hostnames: ['a.net'] }), metadata: { name: 'shop' } },
  ];
  const { desired, problems } = resolveObjects(objects, { org: 'acme' });
  t.deepEqual(problems, []);
  const wanted = desired[0]?.wanted;
  t.is(wanted?.kind === 'route' ? wanted.input.org : undefined, 'acme');

  const without = resolveObjects(objects);
  t.deepEqual(
    without.problems.map(({ path, problem }) => [path, /--org/.test(problem)]),
    [['metadata', true]],
  );
});

test('does not take a route of another org than the one that is applied for', (t) => {
  const { desired, problems } = resolveObjects([EDGE, tlsRoute({ hostnames: ['a.net'] })], { org: 'beta' });
  t.deepEqual(desired, []);
  t.is(problems[0]?.path, 'metadata.namespace');
  t.regex(problems[0]?.problem ?? '', /is not the org beta/);
});

test('tells where a resource was given before', (t) => {
  const { problems } = resolveObjects([EDGE, EDGE, tlsRoute({ hostnames: ['a.net'] })]);
  t.is(problems.length, 1);
  t.regex(problems[0]?.problem ?? '', /^Gateway acme\/edge is in gateway\.yaml:1 already$/);
});

test('passes over the documents of others', (t) => {
  const resolved = resolveObjects([{ apiVersion: 'weir/v1', kind: 'Route', spec: { nonsense: true } }, EDGE]);
  t.deepEqual(resolved.problems, []);
  const { documents } = readDocuments('a.yaml', BY_HAND);
  t.true(documents.every(isGatewayDocument));
});

test('is a reader for readManifests, beside documents of other groups', (t) => {
  const route = JSON.stringify({
    apiVersion: 'weir/v1',
    kind: 'Route',
    spec: {
      hostname: 'b.net',
      service: { org: 'acme', app: 'b', env: 'prod', process: 'web' },
      backendPort: 1,
    },
  });
  const { desired, statuses, problems } = readManifests(
    [{ name: 'all.yaml', text: `${BY_HAND}---\n${route}\n` }],
    { org: null, platformDomain: null },
    { kinds: GATEWAY_KINDS, isGatewayDocument, resolveGateway },
  );
  t.deepEqual(problems, []);
  t.is(desired.length, 4);
  t.true(isAccepted(statuses));
});

test('names what it takes', (t) => {
  t.true(
    GATEWAY_KINDS.every((one) =>
      isGatewayDocument({ ...one, value: {}, place: () => ({ file: '', line: 1, column: 1 }) }),
    ),
  );
  t.true(
    GATEWAY_KINDS.some(
      ({ apiVersion, kind }) => `${apiVersion} ${kind}` === 'gateway.networking.k8s.io/v1 TLSRoute',
    ),
  );
});

test('resolves thousands of routes that share a hostname', (t) => {
  const count = 3000;
  const routes = Array.from({ length: count }, (_, index) =>
    tlsRoute({ name: `r${index}`, hostnames: [`h${index}.example.com`, 'same.example.com'] }),
  );
  const resolved = resolveObjects([EDGE, ...routes]);
  t.is(resolved.desired.length, count + 1);
  t.is(resolved.statuses.length, count + 3);
});
