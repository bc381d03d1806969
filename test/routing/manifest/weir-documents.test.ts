import test from 'ava';
import { problemsIn, readFiles, wantedIn } from './reading.ts';

const SERVICE = { org: 'acme', app: 'shop', env: 'production', process: 'web' };

test('each kind wants what its commands take, with the defaults written out', (t) => {
  const wanted = wantedIn(`
apiVersion: weir/v1
kind: Policy
spec: { portQuota: 5, addressQuota: none, coolDown: 24h }
---
apiVersion: weir/v1
kind: Policy
spec: { org: acme, portQuota: default }
---
apiVersion: weir/v1
kind: PortPool
spec: { first: 20000, last: 20999 }
---
apiVersion: weir/v1
kind: AddressPool
spec: { ranges: [203.0.113.0/28, 198.51.100.1-198.51.100.9, 192.0.2.1] }
---
apiVersion: weir/v1
kind: DomainClaim
metadata: { name: anything, labels: { a: b }, annotations: { c: d } }
spec: { domain: example.com, org: acme, token: 0123456789abcdef, proof: dns }
---
apiVersion: weir/v1
kind: Address
spec: { address: 203.0.113.7, org: acme }
---
apiVersion: weir/v1
kind: Route
spec:
  hostname: "*.Bücher.example."
  service: { org: acme, app: shop, env: production, process: web }
  backendPort: 8443
---
apiVersion: weir/v1
kind: Route
spec:
  hostname: www.example.com
  listener: http
  service: { org: acme, app: shop, env: production, process: web }
  backendPort: 8080
  weight: 90
  others: [{ app: shop, env: next, process: web, backendPort: 8081, weight: 10 }]
  proxyProtocol: v2
  proxyTlvs: [crc32c, alpn]
  redirectToHttps: true
---
apiVersion: weir/v1
kind: Port
spec:
  port: 443
  address: 203.0.113.7
  service: { org: acme, app: shop, env: production, process: web }
  backendPort: 5432
---
apiVersion: weir/v1
kind: Endpoint
spec:
  service: { org: acme, app: shop, env: production, process: web }
  instance: i-1
  address: fd00:1::17
  state: not-ready
`);
  const proxyProtocol = 'none';
  const expected = [
    { kind: 'policy', input: { portQuota: 5, addressQuota: 'none', coolDown: '24h' } },
    { kind: 'policy', input: { org: 'acme', portQuota: 'default' } },
    { kind: 'port-pool', input: { first: 20000, last: 20999 } },
    {
      kind: 'address-pool',
      input: { ranges: ['203.0.113.0/28', '198.51.100.1-198.51.100.9', '192.0.2.1'] },
    },
    {
      kind: 'domain',
      input: {
        domain: 'example.com',
        org: 'acme',
        token: '0123456789abcdef',
        proof: 'dns',
        isPlatform: false,
      },
    },
    { kind: 'address', input: { address: '203.0.113.7', org: 'acme' } },
    {
      kind: 'route',
      input: {
        ...SERVICE,
        hostname: '*.Bücher.example.',
        listener: 'tls',
        backendPort: 8443,
        proxyProtocol,
        redirectToHttps: false,
      },
    },
    {
      kind: 'route',
      input: {
        ...SERVICE,
        hostname: 'www.example.com',
        listener: 'http',
        backendPort: 8080,
        weight: 90,
        others: [{ app: 'shop', env: 'next', process: 'web', backendPort: 8081, weight: 10 }],
        proxyProtocol: 'v2',
        proxyTlvs: ['crc32c', 'alpn'],
        redirectToHttps: true,
      },
    },
    {
      kind: 'port',
      input: { ...SERVICE, port: 443, address: '203.0.113.7', backendPort: 5432, proxyProtocol },
    },
    { kind: 'endpoint', input: { ...SERVICE, instance: 'i-1', address: 'fd00:1::17', state: 'not-ready' } },
  ];
  t.deepEqual(JSON.parse(JSON.stringify(wanted)), expected);
});

const ROUTE = (spec: string) => `apiVersion: weir/v1\nkind: Route\nspec:\n  ${spec}\n`;

const SPEC =
  'hostname: a.example\n  service: { org: acme, app: shop, env: production, process: web }\n  backendPort: 80';

const DOCUMENT = (kind: string, spec: string) => `{ apiVersion: weir/v1, kind: ${kind}, spec: ${spec} }`;

const WRONG: readonly (readonly [string, ...string[]])[] = [
  [
    ROUTE('hostname: a..example\n  service: { org: Acme, app: "", env: production }\n  backendPort: 0'),
    'a.yaml:4:3 spec.hostname has an empty label',
    'a.yaml:5:3 spec.service.process is required',
    'a.yaml:5:14 spec.service.org must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last',
    'a.yaml:5:25 spec.service.app must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last',
    'a.yaml:6:3 spec.backendPort must be a whole number from 1 to 65535',
  ],
  [
    ROUTE(`${SPEC}\n  listener: quic\n  proxyProtocol: v1\n  redirectToHttps: "yes"`),
    'a.yaml:7:3 spec.listener must be tls or http, but is the text "quic"',
    'a.yaml:8:3 spec.proxyProtocol must be none or v2, but is the text "v1"; did you mean v2?',
    'a.yaml:9:3 spec.redirectToHttps must be true or false, but is the text "yes"',
  ],
  [
    ROUTE(`${SPEC}\n  redirectToHttps: true`),
    'a.yaml:7:3 spec.redirectToHttps is possible on the http listener only',
  ],
  [
    ROUTE(
      `${SPEC}\n  weight: -1\n  others:\n    - app: shop\n      env: Next\n      backendPort: 8\n      weight: 1000001`,
    ),
    'a.yaml:7:3 spec.weight must be a whole number from 0 to 1000000',
    'a.yaml:9:7 spec.others[0].process is required',
    'a.yaml:10:7 spec.others[0].env must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last',
    'a.yaml:12:7 spec.others[0].weight must be a whole number from 0 to 1000000',
  ],
  [
    ROUTE(`${SPEC}\n  others:\n    - { app: shop, env: production, process: web, backendPort: 80 }\n    - 5`),
    'a.yaml:9:7 spec.others[1] must be a map of fields, but is the number 5',
  ],
  [
    ROUTE(`${SPEC}\n  others:\n    - { app: shop, env: production, process: web, backendPort: 80 }`),
    'a.yaml:8:7 spec.others[0] is named before: acme/shop/production/web:80',
  ],
  [ROUTE(`${SPEC}\n  weight: 0`), 'a.yaml:7:3 spec.weight must be above 0 for one backend at least'],
  [
    ROUTE(`${SPEC}\n  app: shop\n  hostnames: [a]\n  weigth: 1`),
    'a.yaml:7:3 spec.app is not a known field; did you mean spec.service.app?',
    'a.yaml:8:3 spec.hostnames is not a known field; did you mean hostname?',
    'a.yaml:9:3 spec.weigth is not a known field; did you mean weight?',
  ],
  ['apiVersion: weir/v1\nkind: Route\n', 'a.yaml:1:1 spec is required'],
  [
    DOCUMENT(
      'Port',
      '{ port: 70000, address: fd00::1, service: { org: a, app: b, env: c, process: d }, backendPort: 1 }',
    ),
    'a.yaml:1:44 spec.port must be a whole number from 1 to 65535',
    'a.yaml:1:57 spec.address is not an IPv4 address',
  ],
  [
    DOCUMENT(
      'Endpoint',
      '{ service: { org: a, app: b, env: c, process: d }, instance: I, address: fe80::1%eth0, state: gone }',
    ),
    'a.yaml:1:97 spec.instance must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last',
    'a.yaml:1:110 spec.address has a zone; only addresses that mean the same on every edge can be dialled',
    'a.yaml:1:133 spec.state must be ready or not-ready, but is the text "gone"',
  ],
  [
    DOCUMENT('DomainClaim', '{ domain: "*.example.com", org: acme, proof: platform, token: "" }'),
    'a.yaml:1:51 spec.domain is a wildcard; a domain has all names below it anyway',
    'a.yaml:1:87 spec.proof must be none, dns or trusted, but is the text "platform"',
    'a.yaml:1:104 spec.token must be 16 to 64 of A-Z, a-z, 0-9, "_" and "-"',
  ],
  [
    DOCUMENT('AddressPool', '{ ranges: [203.0.113.1/28, 1.2.3.9-1.2.3.1, x] }'),
    'a.yaml:1:60 spec.ranges[0] does not begin a /28; write 203.0.113.0/28',
    'a.yaml:1:76 spec.ranges[1] ends before it begins',
    'a.yaml:1:93 spec.ranges[2] is not an IPv4 address',
  ],
  [DOCUMENT('PortPool', '{ first: 9, last: 8 }'), 'a.yaml:1:58 spec.last must not be below the first'],
  [
    DOCUMENT('Policy', '{ portQuota: -1, addressQuota: lots, coolDown: 24 }'),
    'a.yaml:1:46 spec.portQuota must be a whole number from 0 to 1000000, or none',
    'a.yaml:1:61 spec.addressQuota must be a number, none or default, but is the text "lots"',
    'a.yaml:1:81 spec.coolDown must be a text, but is the number 24; put it in quotes',
  ],
  [
    DOCUMENT('Policy', '{ coolDown: "24" }'),
    'a.yaml:1:46 spec.coolDown "24" has no unit; write 24s (ms, s, m, h)',
  ],
  [
    DOCUMENT('Policy', '{ portQuota: default }'),
    'a.yaml:1:46 spec.portQuota must be a whole number from 0 to 1000000, or none',
  ],
  [
    DOCUMENT('Policy', '{ org: acme, coolDown: 24h }'),
    'a.yaml:1:57 spec.coolDown is the same for all orgs; say it without an org',
  ],
  [
    'apiVersion: weir/v1\nkind: Address\nmetadata: { uid: x, labels: { a: 1 } }\nspec: { address: 1.2.3.4, org: a }',
    'a.yaml:3:13 metadata.uid is not a known field; known here: name, labels and annotations',
    'a.yaml:3:31 metadata.labels.a must be a text, but is the number 1; put it in quotes',
  ],
];

for (const [text, ...expected] of WRONG) {
  test(`says what is wrong with ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(problemsIn(text), expected);
  });
}

test('says of each field of an input where the document has it', (t) => {
  const text = ROUTE(`${SPEC}\n  others: [{ app: b, env: c, process: d, backendPort: 1 }]`);
  const [route] = readFiles([{ name: 'a.yaml', text }]).desired;
  t.deepEqual(
    ['hostname', 'org', 'process', 'backendPort', 'others', 'others[0].app', 'listener'].map((field) =>
      route?.pathOf(field),
    ),
    [
      ['spec', 'hostname'],
      ['spec', 'service', 'org'],
      ['spec', 'service', 'process'],
      ['spec', 'backendPort'],
      ['spec', 'others'],
      ['spec', 'others', 0, 'app'],
      ['spec', 'listener'],
    ],
  );
});
