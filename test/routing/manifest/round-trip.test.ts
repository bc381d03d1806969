import { fc, testProp } from '@fast-check/ava';
import type { Wanted } from '../../../routing/control/wanted.ts';
import { type ExportedState, writeManifests } from '../../../routing/manifest/write-manifests.ts';
import { wantedIn } from './reading.ts';
import * as sample from './sample-documents.ts';

const state: fc.Arbitrary<ExportedState> = fc.record({
  policies: fc.uniqueArray(
    fc.record({
      org: fc.option(sample.name),
      portQuota: sample.quota,
      addressQuota: sample.quota,
      coolDownMs: fc.constant(null),
    }),
    { selector: ({ org }) => org, maxLength: 2 },
  ),
  portPool: fc.option(fc.record({ first: fc.constant(1), last: sample.port })),
  addressPool: fc.option(fc.record({ ranges: fc.array(sample.ipv4, { maxLength: 2 }) })),
  domains: fc.uniqueArray(
    fc
      .record({
        domain: sample.domainOrDefault,
        org: sample.name,
        state: fc.constantFrom('pending' as const, 'held' as const),
        proof: fc.constantFrom('none' as const, 'dns' as const, 'trusted' as const),
        isPlatform: fc.boolean(),
        token: fc.oneof(fc.constant(''), sample.token),
      })
      .filter(({ domain, isPlatform }) => domain !== '*' || !isPlatform),
    { selector: ({ domain, org }) => `${domain} ${org}`, maxLength: 3 },
  ),
  addresses: fc.uniqueArray(fc.record({ address: sample.ipv4, org: sample.name }), {
    selector: ({ address }) => address,
    maxLength: 2,
  }),
  routes: fc.uniqueArray(
    fc
      .record({
        service: sample.service,
        hostname: sample.hostname,
        backendPort: sample.port,
        weight: sample.weight,
        others: sample.others,
        proxy: sample.proxy,
        kind: fc.constantFrom(
          { listener: 'tls' as const, alpn: null, redirectToHttps: false },
          { listener: 'tls' as const, alpn: '1.0', redirectToHttps: false },
          { listener: 'tls' as const, alpn: 'acme-tls/1', redirectToHttps: false },
          { listener: 'http' as const, alpn: null, redirectToHttps: false },
          { listener: 'http' as const, alpn: null, redirectToHttps: true },
        ),
      })
      .map(({ service, kind, proxy, ...route }) => ({ ...service, ...kind, ...proxy, ...route })),
    { selector: ({ hostname, listener, alpn }) => `${listener} ${hostname} ${alpn}`, maxLength: 4 },
  ),
  ports: fc.uniqueArray(
    fc
      .record({
        service: sample.service,
        port: sample.port,
        address: fc.option(sample.ipv4),
        backendPort: sample.port,
        weight: sample.weight,
        others: sample.others,
        proxy: sample.proxy,
      })
      .map(({ service, proxy, ...port }) => ({ ...service, ...proxy, ...port })),
    { selector: ({ port, address }) => `${address} ${port}`, maxLength: 3 },
  ),
  endpoints: fc.uniqueArray(
    fc
      .record({
        service: sample.service,
        instance: sample.name,
        address: sample.address,
        state: fc.constantFrom('ready' as const, 'not-ready' as const),
      })
      .map(({ service, ...endpoint }) => ({ ...service, ...endpoint })),
    {
      selector: ({ org, app, env, process, instance }) => [org, app, env, process, instance].join(),
      maxLength: 3,
    },
  ),
});

testProp('what was written is read back as it was', [state], (t, given) => {
  const read = wantedIn(writeManifests(given));
  t.deepEqual(read.map(normal).toSorted(), wantedOf(given).map(normal).toSorted());
});

/** The inputs that a state stands for. */
function wantedOf({
  policies,
  portPool,
  addressPool,
  domains,
  addresses,
  routes,
  ports,
  endpoints,
}: ExportedState) {
  return [
    ...policies.map(({ org, portQuota, addressQuota }) => ({
      kind: 'policy',
      input: { portQuota, addressQuota, ...(org === null ? {} : { org }) },
    })),
    ...(portPool === null ? [] : [{ kind: 'port-pool', input: portPool }]),
    ...(addressPool === null ? [] : [{ kind: 'address-pool', input: addressPool }]),
    ...domains.map(({ state: _, token, ...claim }) => ({
      kind: 'domain',
      input: { ...claim, ...(token === '' ? {} : { token }) },
    })),
    ...addresses.map((input) => ({ kind: 'address', input })),
    ...routes.map(({ alpn, ...input }) => ({
      kind: 'route',
      input: { ...input, ...(alpn === null ? {} : { alpn }) },
    })),
    ...ports.map(({ address, ...input }) => ({
      kind: 'port',
      input: { ...input, ...(address === null ? {} : { address }) },
    })),
    ...endpoints.map((input) => ({ kind: 'endpoint', input })),
  ];
}

/** With defaults as they are where they are left out, and with fields in one order. */
function normal({ kind, input }: { readonly kind: string; readonly input: object } | Wanted): string {
  const defaults: Record<string, object> = {
    route: { weight: 1, others: [], proxyTlvs: [] },
    port: { weight: 1, others: [], proxyTlvs: [] },
    domain: { proof: 'none' },
  };
  const filled = { ...defaults[kind], ...JSON.parse(JSON.stringify(input)) };
  if (Array.isArray(filled.others)) {
    filled.others = filled.others.map((other: object) => Object.entries({ weight: 1, ...other }).toSorted());
  }
  return JSON.stringify([kind, Object.entries(filled).toSorted()]);
}
