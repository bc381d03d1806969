import { fc } from '@fast-check/ava';
import { PROXY_TLVS } from '../../../routing/model/proxy-tlv.ts';

/** Words that YAML, of whichever version, takes for something else than text. */
const TRICKY = [
  'on',
  'no',
  'yes',
  'null',
  'true',
  'y',
  '123',
  '1e3',
  '0x1f',
  '0o17',
  '017',
  '1-2',
  '2001-01-01',
];

const tricky = fc.constantFrom(...TRICKY);
export const name = fc.oneof(tricky, fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/));
const label = fc.stringMatching(/^[a-z]([a-z0-9_-]{0,10}[a-z0-9])?$/);
const domain = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
export const domainOrDefault = fc.oneof(domain, fc.constant('*'));
export const hostname = fc.oneof(
  domain,
  domain.map((below) => `*.${below}`),
  fc.constant('*'),
);
export const port = fc.integer({ min: 1, max: 65_535 });
const count = fc.integer({ min: 0, max: 1_000_000 });
/** Of a first backend: 0 is possible only where another has more. */
export const weight = fc.integer({ min: 1, max: 1_000_000 });
export const ipv4 = fc.ipV4().filter((address) => address !== '0.0.0.0');
export const address = fc.oneof(
  ipv4,
  fc.ipV6().filter((text) => !/^[0:]+(?:0\.0\.0\.0)?$/.test(text)),
);
export const service = fc.record({
  org: name,
  app: name,
  env: name.filter((text) => text !== 'others'),
  process: name,
});
export const others = fc.uniqueArray(
  fc.record({ app: name, env: fc.constant('others'), process: name, backendPort: port, weight: count }),
  { selector: ({ app, process, backendPort }) => `${app} ${process} ${backendPort}`, maxLength: 2 },
);
export const proxyProtocol = fc.constantFrom('none' as const, 'v2' as const);

/** Of one that says more than the addresses, too. */
export const proxy = fc.oneof(
  fc.record({ proxyProtocol, proxyTlvs: fc.constant([]) }),
  fc.record({ proxyProtocol: fc.constant('v2' as const), proxyTlvs: fc.subarray([...PROXY_TLVS]) }),
);

const maybe = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: undefined });

function own(kind: string, spec: Record<string, fc.Arbitrary<unknown>>) {
  const tags = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
  return fc
    .record({
      apiVersion: fc.constant('weir/v1'),
      kind: fc.constant(kind),
      metadata: maybe(fc.record({ name: maybe(fc.string()), labels: maybe(tags) })),
      spec: fc.record(spec).map(withoutVain),
    })
    .map(asJson);
}

/** TLVs go into a header, and protocols are offered in a ClientHello. */
function withoutVain(spec: Readonly<Record<string, unknown>>): object {
  const { proxyTlvs, alpn, ...rest } = spec;
  return {
    ...rest,
    ...(rest['proxyProtocol'] === 'v2' ? { proxyTlvs } : {}),
    ...(rest['listener'] === 'http' ? {} : { alpn }),
  };
}

const target = {
  service,
  backendPort: port,
  weight: maybe(weight),
  others: maybe(others),
  proxyProtocol: maybe(proxyProtocol),
  proxyTlvs: maybe(fc.subarray([...PROXY_TLVS])),
};

/** What a claim's TXT record has to hold. */
export const token = fc.stringMatching(/^[A-Za-z0-9_-]{16,64}$/);

export const quota = fc.oneof(count, fc.constant('none' as const));

/** Valid documents of every kind, as plain data. */
export const document = fc.oneof(
  own('Route', {
    hostname,
    listener: maybe(fc.constantFrom('tls', 'http')),
    alpn: maybe(fc.oneof(tricky, fc.stringMatching(/^[A-Za-z0-9._~+:/-]{1,255}$/))),
    ...target,
  }),
  own('Port', { port, address: maybe(ipv4), ...target }),
  own('Endpoint', { service, instance: name, address, state: maybe(fc.constantFrom('ready', 'not-ready')) }),
  own('DomainClaim', {
    domain: domainOrDefault,
    org: name,
    platform: maybe(fc.boolean()),
    token: maybe(token),
    proof: maybe(fc.constantFrom('none', 'dns', 'trusted')),
  }).filter((document) => !JSON.stringify(document).includes('"domain":"*"')),
  own('Address', { address: ipv4, org: name }),
  own('AddressPool', { ranges: fc.array(ipv4) }),
  own('PortPool', { first: fc.constant(1), last: port }),
  own('Policy', {
    portQuota: maybe(quota),
    addressQuota: maybe(quota),
    coolDown: maybe(fc.constantFrom('0', '24h')),
  }),
  fc
    .record({
      apiVersion: fc.constant('zave.io/v1'),
      kind: fc.constant('Workload'),
      metadata: fc.record({ name, namespace: name }),
      spec: fc.record({
        runtime: fc.constantFrom('node24', '24'),
        exposure: fc.constantFrom('public-http', 'public-tls', 'public-tcp', 'internal'),
        env: maybe(name),
        port: maybe(port),
        proxyProtocol: maybe(proxyProtocol),
      }),
    })
    .map(asJson),
);

/** Without what is undefined. */
function asJson(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value));
}
