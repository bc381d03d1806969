import test from 'ava';
import { readManifests } from '../../../routing/manifest/read-manifests.ts';
import { GATEWAY, linesOf, problemsIn, readFiles } from './reading.ts';

function route(hostname: string, extra = ''): string {
  return `apiVersion: weir/v1
kind: Route
spec:
  hostname: ${hostname}
  service: { org: acme, app: shop, env: production, process: web }
  backendPort: 80${extra}
`;
}

test('problems come by file, in the order of the files, and by line', (t) => {
  const { problems } = readFiles([
    { name: 'z.yaml', text: `${route('a..b')}---\n${route('c..d')}---\nkind: Route` },
    { name: 'a.yaml', text: `x: [\n---\n${route('e.example')}  more: 1` },
  ]);
  t.deepEqual(linesOf(problems), [
    'z.yaml:4:3 spec.hostname has an empty label',
    'z.yaml:11:3 spec.hostname has an empty label',
    'z.yaml:15:1 apiVersion is required',
    'a.yaml:2:1 the indentation is wrong, or a bracket is not closed',
    'a.yaml:9:3 spec.more is not a known field; known here: hostname, listener, alpn, service, backendPort, weight, others, proxyProtocol, proxyTlvs and redirectToHttps',
  ]);
});

test('routes of one name for different protocols are different things', (t) => {
  const texts = ['', '\n  alpn: h2', '\n  alpn: H2', '\n  alpn: acme-tls/1', '\n  listener: http'];
  const { problems, desired } = readFiles([
    { name: 'a.yaml', text: texts.map((more) => route('www.example.com', more)).join('---\n') },
  ]);
  t.deepEqual(linesOf(problems), []);
  t.is(desired.length, texts.length);
});

test('a protocol that no route can ask for is a problem at its place', (t) => {
  t.deepEqual(problemsIn(route('a.example', '\n  alpn: h2,h3')), [
    'a.yaml:7:3 spec.alpn must be of a-z, A-Z, 0-9, ".", "_", "~", "+", ":", "/" and "-" only',
  ]);
  t.deepEqual(problemsIn(route('a.example', '\n  alpn: 1.0')), [
    'a.yaml:7:3 spec.alpn must be a text, but is the number 1; put it in quotes',
  ]);
  t.deepEqual(problemsIn(route('a.example', '\n  listener: http\n  alpn: h2')), [
    'a.yaml:8:3 spec.alpn is possible on the tls listener only',
  ]);
  const port = `{ apiVersion: weir/v1, kind: Port, spec: { port: 1, alpn: h2, ${SHOP}, backendPort: 1 } }`;
  t.regex(problemsIn(port)[0] ?? '', /^a\.yaml:1:53 spec\.alpn is not a known field; known here: port, /);
});

test('what is wanted comes in the order of the files', (t) => {
  const { desired } = readFiles([
    { name: 'b.yaml', text: `${route('b1.example')}---\n${route('b2.example')}` },
    { name: 'a.yaml', text: route('a.example') },
  ]);
  t.deepEqual(
    desired.map(({ wanted }) => 'hostname' in wanted.input && wanted.input.hostname),
    ['b1.example', 'b2.example', 'a.example'],
  );
});

const KNOWN =
  'known: weir/v1 (Route, Port, Endpoint, DomainClaim, Address, AddressPool, PortPool and Policy); zave.io/v1 (Workload); gateway.networking.k8s.io/v1 (TLSRoute)';

const UNKNOWN: readonly (readonly [string, string, string])[] = [
  ['weir/v1', 'Rout', 'a.yaml:2:1 kind "Rout" is not known; did you mean Route?'],
  ['weir/v1', 'DomainClaims', 'a.yaml:2:1 kind "DomainClaims" is not known; did you mean DomainClaim?'],
  [
    'weir/v1',
    'Certificate',
    'a.yaml:2:1 kind "Certificate" is not known; known of weir/v1: Route, Port, Endpoint, DomainClaim, Address, AddressPool, PortPool and Policy',
  ],
  ['zave.io/v1', 'Service', 'a.yaml:2:1 kind "Service" is not known; known of zave.io/v1: Workload'],
  ['weir/v2', 'Route', 'a.yaml:1:1 apiVersion "weir/v2" is not known; Route is of weir/v1'],
  ['weir.io/v1', 'Rout', 'a.yaml:1:1 apiVersion "weir.io/v1" is not known; did you mean weir/v1?'],
  ['apps/v1', 'Deployment', `a.yaml:1:1 apiVersion "apps/v1" is not known; ${KNOWN}`],
];

for (const [apiVersion, kind, problem] of UNKNOWN) {
  test(`says what is known instead of ${kind} of ${apiVersion}`, (t) => {
    t.deepEqual(problemsIn(`apiVersion: ${apiVersion}\nkind: ${kind}\nspec: {}`), [problem]);
  });
}

const SHOP = 'service: { org: acme, app: shop, env: production, process: web }';

const TWICE: readonly (readonly [string, string, string])[] = [
  [
    route('www.example.com'),
    route('WWW.Example.com.', '\n  proxyProtocol: v2'),
    'b.yaml:4:3 spec.hostname wants route tls/www.example.com, as a.yaml:4:3 does already; keep one of them',
  ],
  [
    route('www.example.com'),
    route('www.example.com'),
    'b.yaml:4:3 spec.hostname wants route tls/www.example.com, as a.yaml:4:3 does already; keep one of them',
  ],
  [
    route('www.example.com', '\n  alpn: h2'),
    route('WWW.example.com', '\n  alpn: h2'),
    'b.yaml:4:3 spec.hostname wants route tls/www.example.com alpn h2, as a.yaml:4:3 does already; keep one of them',
  ],
  [
    `{ apiVersion: weir/v1, kind: Port, spec: { port: 20000, ${SHOP}, backendPort: 1 } }`,
    `{ apiVersion: weir/v1, kind: Port, spec: { port: 20000, ${SHOP}, backendPort: 2 } }`,
    'b.yaml:1:44 spec.port wants port 20000, as a.yaml:1:44 does already; keep one of them',
  ],
  [
    `{ apiVersion: weir/v1, kind: Port, spec: { port: 443, address: 203.0.113.7, ${SHOP}, backendPort: 1 } }`,
    `{ apiVersion: weir/v1, kind: Port, spec: { port: 443, address: 203.0.113.7, ${SHOP}, backendPort: 1 } }`,
    'b.yaml:1:44 spec.port wants port 203.0.113.7:443, as a.yaml:1:44 does already; keep one of them',
  ],
  [
    `{ apiVersion: weir/v1, kind: Endpoint, spec: { ${SHOP}, instance: i, address: 10.0.0.1 } }`,
    `{ apiVersion: weir/v1, kind: Endpoint, spec: { ${SHOP}, instance: i, address: 10.0.0.2 } }`,
    'b.yaml:1:114 spec.instance wants endpoint acme/shop/production/web/i, as a.yaml:1:114 does already; keep one of them',
  ],
  [
    '{ apiVersion: weir/v1, kind: DomainClaim, spec: { domain: example.com, org: acme } }',
    '{ apiVersion: weir/v1, kind: DomainClaim, spec: { domain: Example.com, org: acme } }',
    'b.yaml:1:51 spec.domain wants domain example.com of acme, as a.yaml:1:51 does already; keep one of them',
  ],
  [
    '{ apiVersion: weir/v1, kind: Address, spec: { address: 203.0.113.7, org: acme } }',
    '{ apiVersion: weir/v1, kind: Address, spec: { address: 203.0.113.7, org: beta } }',
    'b.yaml:1:47 spec.address wants address 203.0.113.7, as a.yaml:1:47 does already; keep one of them',
  ],
  [
    '{ apiVersion: weir/v1, kind: PortPool, spec: { first: 1, last: 2 } }',
    '{ apiVersion: weir/v1, kind: PortPool, spec: { first: 3, last: 4 } }',
    'b.yaml:1:48 spec.first wants the port pool, as a.yaml:1:48 does already; keep one of them',
  ],
  [
    '{ apiVersion: weir/v1, kind: AddressPool, spec: { ranges: [1.2.3.4] } }',
    '{ apiVersion: weir/v1, kind: AddressPool, spec: { ranges: [] } }',
    'b.yaml:1:51 spec.ranges wants the address pool, as a.yaml:1:51 does already; keep one of them',
  ],
  [
    '{ apiVersion: weir/v1, kind: Policy, spec: { portQuota: 1 } }',
    '{ apiVersion: weir/v1, kind: Policy, spec: { coolDown: 1h } }',
    'b.yaml:1:38 spec.org wants the policy of all orgs, as a.yaml:1:38 does already; keep one of them',
  ],
  [
    '{ apiVersion: weir/v1, kind: Policy, spec: { org: acme, portQuota: 1 } }',
    '{ apiVersion: weir/v1, kind: Policy, spec: { org: acme, portQuota: 1 } }',
    'b.yaml:1:46 spec.org wants the policy of acme, as a.yaml:1:46 does already; keep one of them',
  ],
  [
    '{ apiVersion: zave.io/v1, kind: Workload, metadata: { name: db, namespace: acme }, spec: { runtime: x, exposure: public-tcp } }',
    '{ apiVersion: zave.io/v1, kind: Workload, metadata: { name: db, namespace: acme }, spec: { runtime: y, exposure: public-tcp } }',
    'b.yaml:1:55 metadata.name wants a port to acme/db/production/web:8080, as a.yaml:1:55 does already; keep one of them',
  ],
];

for (const [index, [first, second, problem]] of TWICE.entries()) {
  test(`what is wanted twice is refused, and where the first is, is said (${index}): ${problem}`, (t) => {
    const { problems } = readFiles([
      { name: 'a.yaml', text: first },
      { name: 'b.yaml', text: second },
    ]);
    t.deepEqual(linesOf(problems), [problem]);
  });
}

test('things with the same name in different places are different things', (t) => {
  const { problems, desired } = readFiles([
    {
      name: 'a.yaml',
      text: [
        route('www.example.com'),
        route('www.example.com', '\n  listener: http'),
        route('"*.example.com"'),
        `{ apiVersion: weir/v1, kind: Port, spec: { port: 443, address: 203.0.113.7, ${SHOP}, backendPort: 1 } }`,
        `{ apiVersion: weir/v1, kind: Port, spec: { port: 443, ${SHOP}, backendPort: 1 } }`,
        '{ apiVersion: weir/v1, kind: DomainClaim, spec: { domain: example.com, org: acme } }',
        '{ apiVersion: weir/v1, kind: DomainClaim, spec: { domain: example.com, org: beta } }',
      ].join('\n---\n'),
    },
  ]);
  t.deepEqual(linesOf(problems), []);
  t.is(desired.length, 7);
});

test('a workload and a route that want the same name conflict', (t) => {
  const workload =
    '{ apiVersion: zave.io/v1, kind: Workload, metadata: { name: shop, namespace: acme }, spec: { runtime: x, exposure: public-tls } }';
  const text = `${workload}\n---\n${route('shop.acme.apps.example')}`;
  t.deepEqual(problemsIn(text, { platformDomain: 'apps.example' }), [
    'a.yaml:6:3 spec.hostname wants route tls/shop.acme.apps.example, as a.yaml:1:55 does already; keep one of them',
  ]);
});

test('all documents of the Gateway API are resolved together, and what they want is checked with the rest', (t) => {
  const text = `apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
---
${route('a.example')}
---
apiVersion: gateway.networking.k8s.io/v9
kind: Anything
`;
  const files = [{ name: 'a.yaml', text }];
  const context = { org: 'acme', platformDomain: 'apps.example' };
  const { statuses, desired, problems } = readManifests(files, context, {
    ...GATEWAY,
    resolveGateway: (documents, given) => ({
      statuses: [...documents.map(({ kind }) => kind), given],
      problems: [],
      desired: documents.slice(0, 1).map((document) => ({
        document,
        pathOf: (field) => ['spec', field],
        wanted: {
          kind: 'route',
          input: { hostname: 'a.example', org: 'acme', app: 'a', env: 'b', process: 'c', backendPort: 1 },
        },
      })),
    }),
  });
  t.deepEqual(statuses, ['TLSRoute', 'Anything', context]);
  t.is(desired.length, 2);
  t.deepEqual(linesOf(problems), [
    'a.yaml:1:1 spec.hostname wants route tls/a.example, as a.yaml:7:3 does already; keep one of them',
  ]);
});

test('no files want nothing', (t) => {
  t.deepEqual(readFiles([]), { documents: 0, desired: [], statuses: [], problems: [] });
});
