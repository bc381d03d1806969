import test from 'ava';
import {
  type ExportedState,
  writeManifestFiles,
  writeManifests,
} from '../../../routing/manifest/write-manifests.ts';
import { wantedIn } from './reading.ts';

const NOTHING: ExportedState = {
  policies: [],
  portPool: null,
  addressPool: null,
  domains: [],
  addresses: [],
  routes: [],
  ports: [],
  endpoints: [],
};

const SHOP = { org: 'acme', app: 'shop', env: 'production', process: 'web' };

const ALONE = { weight: 1, others: [], proxyProtocol: 'none', proxyTlvs: [] } as const;

const STATE: ExportedState = {
  policies: [
    { org: 'acme', portQuota: 'none', addressQuota: 'default', coolDownMs: null },
    { org: null, portQuota: 10, addressQuota: 1, coolDownMs: 86_400_000 },
  ],
  portPool: { first: 20_000, last: 20_999 },
  addressPool: { ranges: ['203.0.113.0-203.0.113.15'] },
  domains: [
    {
      domain: 'example.com',
      org: 'acme',
      state: 'held',
      proof: 'dns',
      isPlatform: false,
      token: 'abcdefghijklmnop',
    },
    { domain: 'apps.example', org: 'ops', state: 'held', proof: 'trusted', isPlatform: true, token: '' },
    { domain: 'a.apps.example', org: 'acme', state: 'held', proof: 'platform', isPlatform: false, token: '' },
    {
      domain: '*',
      org: 'ops',
      state: 'pending',
      proof: 'none',
      isPlatform: false,
      token: 'qrstuvwxyz_-0123',
    },
    { domain: 'old.example', org: 'ops', state: 'released', proof: 'dns', isPlatform: false, token: 'x' },
  ],
  addresses: [{ address: '203.0.113.7', org: 'acme' }],
  routes: [
    {
      ...SHOP,
      hostname: 'www.example.com',
      listener: 'tls',
      alpn: '1.0',
      backendPort: 9443,
      ...ALONE,
      redirectToHttps: false,
    },
    {
      ...SHOP,
      hostname: 'www.example.com',
      listener: 'tls',
      alpn: null,
      backendPort: 8443,
      ...ALONE,
      redirectToHttps: false,
    },
    {
      ...SHOP,
      app: 'on',
      hostname: '*.example.com',
      listener: 'http',
      alpn: null,
      backendPort: 8080,
      weight: 90,
      others: [
        { app: 'next', env: '123', process: 'web', backendPort: 8081, weight: 10 },
        { app: 'last', env: 'no', process: 'web', backendPort: 8082, weight: 1 },
      ],
      proxyProtocol: 'v2',
      proxyTlvs: ['alpn', 'unique-id'],
      redirectToHttps: true,
    },
  ],
  ports: [
    { ...SHOP, port: 20_001, address: null, backendPort: 5432, ...ALONE },
    { ...SHOP, port: 443, address: '203.0.113.7', backendPort: 8443, ...ALONE, proxyProtocol: 'v2' },
    { ...SHOP, port: 9000, address: null, backendPort: 9000, ...ALONE },
  ],
  endpoints: [
    { ...SHOP, instance: 'i-2', address: 'fd00:1::2', state: 'not-ready' },
    { ...SHOP, instance: 'i-1', address: '10.0.0.1', state: 'ready' },
    { ...SHOP, instance: 'i-3', address: '10.0.0.3', state: 'gone' },
  ],
};

const WRITTEN = `# Written by weir export, to be taken back by weir apply.
apiVersion: weir/v1
kind: Policy
spec:
  portQuota: 10
  addressQuota: 1
  coolDown: 24h
---
apiVersion: weir/v1
kind: Policy
spec:
  org: acme
  portQuota: none
  addressQuota: default
---
apiVersion: weir/v1
kind: PortPool
spec:
  first: 20000
  last: 20999
---
apiVersion: weir/v1
kind: AddressPool
spec:
  ranges:
    - 203.0.113.0-203.0.113.15
---
apiVersion: weir/v1
kind: DomainClaim
spec:
  domain: "*"
  org: ops
  token: qrstuvwxyz_-0123
  proof: none
---
apiVersion: weir/v1
kind: DomainClaim
spec:
  domain: apps.example
  org: ops
  platform: true
  proof: trusted
---
apiVersion: weir/v1
kind: DomainClaim
spec:
  domain: example.com
  org: acme
  token: abcdefghijklmnop
  proof: dns
---
apiVersion: weir/v1
kind: Address
spec:
  address: 203.0.113.7
  org: acme
---
apiVersion: weir/v1
kind: Route
spec:
  hostname: "*.example.com"
  listener: http
  service:
    org: acme
    app: "on"
    env: production
    process: web
  backendPort: 8080
  weight: 90
  others:
    - app: next
      env: "123"
      process: web
      backendPort: 8081
      weight: 10
    - app: last
      env: "no"
      process: web
      backendPort: 8082
  proxyProtocol: v2
  proxyTlvs:
    - alpn
    - unique-id
  redirectToHttps: true
---
apiVersion: weir/v1
kind: Route
spec:
  hostname: www.example.com
  service:
    org: acme
    app: shop
    env: production
    process: web
  backendPort: 8443
---
apiVersion: weir/v1
kind: Route
spec:
  hostname: www.example.com
  alpn: "1.0"
  service:
    org: acme
    app: shop
    env: production
    process: web
  backendPort: 9443
---
apiVersion: weir/v1
kind: Port
spec:
  port: 9000
  service:
    org: acme
    app: shop
    env: production
    process: web
  backendPort: 9000
---
apiVersion: weir/v1
kind: Port
spec:
  port: 20001
  service:
    org: acme
    app: shop
    env: production
    process: web
  backendPort: 5432
---
apiVersion: weir/v1
kind: Port
spec:
  port: 443
  address: 203.0.113.7
  service:
    org: acme
    app: shop
    env: production
    process: web
  backendPort: 8443
  proxyProtocol: v2
---
apiVersion: weir/v1
kind: Endpoint
spec:
  service:
    org: acme
    app: shop
    env: production
    process: web
  instance: i-1
  address: 10.0.0.1
---
apiVersion: weir/v1
kind: Endpoint
spec:
  service:
    org: acme
    app: shop
    env: production
    process: web
  instance: i-2
  address: fd00:1::2
  state: not-ready
`;

test('writes documents in a fixed order, without defaults, with quotes where YAML needs them', (t) => {
  t.is(writeManifests(STATE), WRITTEN);
});

test('the order in which things come makes no difference', (t) => {
  const reversed = {
    ...STATE,
    policies: STATE.policies.toReversed(),
    domains: STATE.domains.toReversed(),
    routes: STATE.routes.toReversed(),
    ports: STATE.ports.toReversed(),
    endpoints: STATE.endpoints.toReversed(),
  };
  t.is(writeManifests(reversed), WRITTEN);
});

test('nothing is a comment', (t) => {
  const text = writeManifests(NOTHING);
  t.is(text, '# Written by weir export, to be taken back by weir apply.\n');
  t.deepEqual(wantedIn(text), []);
});

test('several files have the same documents in the same order, each within its bounds', (t) => {
  t.deepEqual(writeManifestFiles(STATE), [WRITTEN]);
  t.deepEqual(writeManifestFiles(NOTHING), [writeManifests(NOTHING)]);
  for (const bounds of [
    { maxBytes: 1_000, maxDocuments: 100 },
    { maxBytes: 100_000, maxDocuments: 3 },
    { maxBytes: 1, maxDocuments: 100 },
  ]) {
    const files = writeManifestFiles(STATE, bounds);
    t.true(files.length > 2);
    t.deepEqual(
      files.flatMap((text) => wantedIn(text)),
      wantedIn(WRITTEN),
    );
    for (const text of files) {
      const count = wantedIn(text).length;
      t.true(count === 1 || (Buffer.byteLength(text) <= bounds.maxBytes && count <= bounds.maxDocuments));
    }
  }
});
