import test from 'ava';
import { problemsIn, readFiles, wantedIn } from './reading.ts';

const PLATFORM = { platformDomain: 'apps.example' };

function workload(spec: string, metadata = 'name: shop, namespace: acme'): string {
  return `apiVersion: zave.io/v1\nkind: Workload\nmetadata: { ${metadata} }\nspec: { runtime: node24, ${spec} }\n`;
}

const TARGET = { org: 'acme', app: 'shop', env: 'production', process: 'web' };
const hostname = 'shop.acme.apps.example';
const none = { proxyProtocol: 'none' };

test('public-http is an http route under the platform domain', (t) => {
  t.deepEqual(wantedIn(workload('exposure: public-http'), PLATFORM), [
    { kind: 'route', input: { ...TARGET, hostname, listener: 'http', backendPort: 8080, ...none } },
  ]);
});

test('public-tls is a tls route, and an http route that redirects to it', (t) => {
  t.deepEqual(wantedIn(workload('exposure: public-tls, proxyProtocol: v2'), PLATFORM), [
    {
      kind: 'route',
      input: { ...TARGET, hostname, listener: 'tls', backendPort: 8443, proxyProtocol: 'v2' },
    },
    {
      kind: 'route',
      input: { ...TARGET, hostname, listener: 'http', backendPort: 8443, redirectToHttps: true },
    },
  ]);
});

test('public-tcp is any port of the pool, and needs no platform domain', (t) => {
  t.deepEqual(wantedIn(workload('exposure: public-tcp')), [
    { kind: 'port', input: { ...TARGET, backendPort: 8080, ...none } },
  ]);
});

test('internal wants nothing', (t) => {
  t.deepEqual(wantedIn(workload('exposure: internal')), []);
});

test('env, process and port can be written', (t) => {
  t.deepEqual(wantedIn(workload('exposure: public-tcp, env: qa, process: db, port: 5432')), [
    { kind: 'port', input: { ...TARGET, env: 'qa', process: 'db', backendPort: 5432, ...none } },
  ]);
});

test('the org is the namespace or that of --org, and both have to agree', (t) => {
  const [wanted] = wantedIn(workload('exposure: public-http', 'name: shop'), { ...PLATFORM, org: 'beta' });
  t.like(wanted, { input: { org: 'beta', hostname: 'shop.beta.apps.example' } });
  t.deepEqual(problemsIn(workload('exposure: internal', 'name: shop')), [
    'a.yaml:3:1 metadata.namespace is required; write it, or give --org',
  ]);
  t.deepEqual(problemsIn(workload('exposure: internal'), { org: 'beta' }), [
    'a.yaml:3:25 metadata.namespace is another org than beta, which --org names',
  ]);
});

test('without a platform domain it says how to make one', (t) => {
  t.deepEqual(problemsIn(workload('exposure: public-http')), [
    'a.yaml:4:26 spec.exposure is public-http, and there is no platform domain to be reached under; make one: weir domain claim DOMAIN --org ORG --trusted --platform',
  ]);
});

test('a platform domain may be claimed by the files themselves, wherever it stands', (t) => {
  const claim =
    '{ apiVersion: weir/v1, kind: DomainClaim, spec: { domain: p.example, org: ops, platform: true } }';
  const { desired, problems } = readFiles([
    { name: 'a.yaml', text: workload('exposure: public-http') },
    { name: 'b.yaml', text: claim },
  ]);
  t.deepEqual(problems, []);
  t.like(desired[0]?.wanted, { kind: 'route', input: { hostname: 'shop.acme.p.example' } });
});

test('a hostname that would be too long is a problem of the name', (t) => {
  const platformDomain = Array(4).fill('a'.repeat(61)).join('.');
  t.deepEqual(problemsIn(workload('exposure: public-http'), { platformDomain }), [
    `a.yaml:3:13 metadata.name makes the hostname shop.acme.${platformDomain}, which is longer than 253 characters`,
  ]);
});

test('everything that is wrong comes at once', (t) => {
  const text = `apiVersion: zave.io/v1
kind: Workload
metadata: { name: Shop, namespace: a.b, labels: { team: 5 }, annotation: {} }
spec:
  runtime: " "
  exposure: public
  ports: 80
  env: ""
  proxyProtocol: 2
`;
  t.deepEqual(problemsIn(text, PLATFORM), [
    'a.yaml:3:13 metadata.name must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last',
    'a.yaml:3:25 metadata.namespace must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last',
    'a.yaml:3:51 metadata.labels.team must be a text, but is the number 5; put it in quotes',
    'a.yaml:3:62 metadata.annotation is not a known field; did you mean annotations?',
    'a.yaml:5:3 spec.runtime is empty',
    'a.yaml:6:3 spec.exposure must be public-http, public-tls, public-tcp or internal, but is the text "public"',
    'a.yaml:7:3 spec.ports is not a known field; did you mean port?',
    'a.yaml:8:3 spec.env must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last',
    'a.yaml:9:3 spec.proxyProtocol must be none or v2, but is the number 2',
  ]);
  t.deepEqual(problemsIn('apiVersion: zave.io/v1\nkind: Workload\nmetadata: { name: a }\nspec: {}'), [
    'a.yaml:4:1 spec.runtime is required',
    'a.yaml:4:1 spec.exposure is required; write public-http, public-tls, public-tcp or internal',
  ]);
});

test('an org of --org that is none is said once', (t) => {
  t.deepEqual(problemsIn(workload('exposure: public-tls', 'name: shop'), { ...PLATFORM, org: 'A' }), [
    'a.yaml:3:1 metadata.namespace must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last',
  ]);
});
