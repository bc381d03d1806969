import test from 'ava';
import { parseAllDocuments } from 'yaml';
import type { JsonSchema } from '../../../routing/manifest/json-schema.ts';
import { violations } from '../../routing/manifest/schema-check.ts';
import { weir } from '../../support/command-line.ts';

const GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: infra }
spec:
  gatewayClassName: weir
  listeners: [{ name: tls, protocol: TLS, port: 443, tls: { mode: Passthrough } }]
---
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TLSRoute
metadata: { name: www }
spec:
  parentRefs: [{ name: edge, namespace: infra }]
  rules: [{ backendRefs: [{ name: shop, port: 8443, weight: 9 }] }]
---
apiVersion: weir/v1
kind: Route
spec: { hostname: a.example.com, service: { app: shop, env: production, process: web }, backendPort: 1 }
---
apiVersion: zave.io/v1
kind: Workload
metadata: { name: shop }
spec: { runtime: node24, exposure: internal }
`;

test('it is one JSON Schema of all kinds, the Gateway API in all its versions', async (t) => {
  const run = await weir(['schema']);
  t.is(run.exitCode, 0, run.stderr);
  const schema: JsonSchema = JSON.parse(run.stdout);
  t.is(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  const names = Object.keys(schema.$defs ?? {});
  for (const name of [
    'weir.v1.Route',
    'zave.io.v1.Workload',
    'gateway.networking.k8s.io.v1.TLSRoute',
    'gateway.networking.k8s.io.v1alpha3.TLSRoute',
    'gateway.networking.k8s.io.v1.TCPRoute',
    'gateway.networking.k8s.io.v1beta1.Gateway',
    'v1.Namespace',
  ]) {
    t.true(names.includes(name), name);
  }
  for (const document of parseAllDocuments(GATEWAY)) {
    const value = 'toJS' in document ? document.toJS() : null;
    t.deepEqual(violations(value, schema), [], JSON.stringify(value));
    t.not(violations({ ...value, kind: 'Nothing' }, schema).length, 0);
    t.not(violations({ ...value, colour: 'red' }, schema).length, 0);
  }
});

test('one kind is that kind, in all of its versions or in one', async (t) => {
  const [route, tls, one] = await Promise.all(
    ['Route', 'TLSRoute', 'gateway.networking.k8s.io/v1/TLSRoute'].map((kind) =>
      weir(['schema', '--kind', kind]),
    ),
  );
  const kindsOf = (stdout = '{}') => Object.keys(JSON.parse(stdout).$defs);
  t.deepEqual(kindsOf(route?.stdout), ['weir.v1.Route']);
  t.deepEqual(
    kindsOf(tls?.stdout),
    ['v1', 'v1alpha3', 'v1alpha2'].map((version) => `gateway.networking.k8s.io.${version}.TLSRoute`),
  );
  t.deepEqual(kindsOf(one?.stdout), ['gateway.networking.k8s.io.v1.TLSRoute']);
});

test('a kind that is not known is 5, with the one that was probably meant', async (t) => {
  const [near, far] = await Promise.all([
    weir(['schema', '--kind', 'weir/v1/route']),
    weir(['schema', '--kind', 'Ingress']),
  ]);
  t.is(near?.exitCode, 5);
  t.is(
    near?.stderr,
    'error: a value is not valid\n  --kind "weir/v1/route" is not known; did you mean Route?\n',
  );
  t.is(far?.exitCode, 5);
  t.regex(far?.stderr ?? '', /--kind "Ingress" is not known; known: Route, Port, .*Namespace$/m);
});

test('--help says how an editor comes to use it', async (t) => {
  const { stdout } = await weir(['schema', '--help']);
  t.regex(stdout, /# yaml-language-server: \$schema=weir\.schema\.json/);
  t.regex(stdout, /"yaml\.schemas"/);
});
