import test from 'ava';
import { problemsIn, wantedIn } from './reading.ts';

const WITHOUT_ORG = `
apiVersion: weir/v1
kind: Route
spec:
  hostname: a.example
  service: { app: shop, env: production, process: web }
  backendPort: 80
---
apiVersion: weir/v1
kind: Port
spec: { port: 20000, service: { app: shop, env: production, process: web }, backendPort: 80 }
---
apiVersion: weir/v1
kind: Endpoint
spec: { service: { app: shop, env: production, process: web }, instance: i, address: 10.0.0.1 }
---
{ apiVersion: weir/v1, kind: DomainClaim, spec: { domain: example.com } }
---
{ apiVersion: weir/v1, kind: Address, spec: { address: 203.0.113.7 } }
`;

test('an org that is left out is the one that --org names', (t) => {
  const wanted = wantedIn(WITHOUT_ORG, { org: 'acme' });
  t.deepEqual(
    wanted.map(({ kind, input }) => [kind, 'org' in input ? input.org : null]),
    ['route', 'port', 'endpoint', 'domain', 'address'].map((kind) => [kind, 'acme']),
  );
});

test('an org that nobody names is asked for, where it would stand', (t) => {
  t.deepEqual(problemsIn(WITHOUT_ORG), [
    'a.yaml:6:3 spec.service.org is required; write it, or give --org',
    'a.yaml:11:22 spec.service.org is required; write it, or give --org',
    'a.yaml:15:9 spec.service.org is required; write it, or give --org',
    'a.yaml:17:43 spec.org is required; write it, or give --org',
    'a.yaml:19:39 spec.org is required; write it, or give --org',
  ]);
});

test('an org other than the one that --org names is refused', (t) => {
  const text = `{ apiVersion: weir/v1, kind: Address, spec: { address: 203.0.113.7, org: acme } }`;
  t.deepEqual(problemsIn(text, { org: 'beta' }), [
    'a.yaml:1:69 spec.org is another org than beta, which --org names',
  ]);
  t.is(wantedIn(text, { org: 'acme' }).length, 1);
});

test('a policy for all orgs is not taken for that of one', (t) => {
  t.deepEqual(problemsIn('{ apiVersion: weir/v1, kind: Policy, spec: { portQuota: 5 } }', { org: 'acme' }), [
    'a.yaml:1:38 spec.org is required with --org: write acme, or apply what is for all orgs without --org',
  ]);
  t.is(
    wantedIn('{ apiVersion: weir/v1, kind: Policy, spec: { org: acme, portQuota: 5 } }', { org: 'acme' })
      .length,
    1,
  );
});
