import test from 'ava';
import fc from 'fast-check';
import type { Change } from '../../../routing/model/change.ts';
import { decodeChange } from '../../../routing/stream/decode-change.ts';
import { endpointRow, gone, portRow, routeRow } from '../table/sample-rows.ts';

const GOOD: readonly Change[] = [
  routeRow('www.example.com'),
  routeRow('*.example.com', { listener: 'http', redirectToHttps: true }),
  routeRow('*'),
  routeRow('*', { alpn: 'h2' }),
  routeRow('www.example.com', { alpn: 'acme-tls/1' }),
  routeRow('split.example.com', { weight: 95, others: [{ process: 'canary', backendPort: 1, weight: 5 }] }),
  portRow(20000),
  portRow(443, { address: '203.0.113.7' }),
  endpointRow('i1'),
  endpointRow('i2', { address: '192.0.2.1', isReady: false }),
  gone(routeRow('www.example.com')),
  gone(routeRow('www.example.com', { alpn: 'acme-tls/1' })),
  gone(portRow(20000)),
  gone(endpointRow('i1')),
];

function rowOf({ kind, key, revision, value }: Change): Record<string, unknown> {
  return { kind, key, revision: String(revision), body: value === null ? null : { ...value } };
}

for (const change of GOOD) {
  test(`takes ${change.value === null ? 'the deletion of ' : ''}${change.kind} ${change.key}`, (t) => {
    t.deepEqual(decodeChange(rowOf(change)), { kind: 'ok', change });
  });

  test(`takes ${change.kind} ${change.key} through JSON, where it is ${JSON.stringify(change.value)}`, (t) => {
    t.deepEqual(decodeChange(JSON.parse(JSON.stringify(rowOf(change)))), { kind: 'ok', change });
  });
}

const route = rowOf(routeRow('www.example.com'));
const routeBody = route['body'] as Record<string, unknown>;
const port = rowOf(portRow(20000));
const endpoint = rowOf(endpointRow('i1'));

const BAD: ReadonlyArray<{ readonly fact: string; readonly row: unknown; readonly problem: RegExp }> = [
  { fact: 'no row', row: null, problem: /not a row/ },
  { fact: 'an array', row: [1, 'route'], problem: /not a row/ },
  { fact: 'no revision', row: { ...route, revision: undefined }, problem: /^revision / },
  { fact: 'a negative revision', row: { ...route, revision: -1 }, problem: /^revision / },
  { fact: 'a kind of the future', row: { ...route, kind: 'certificate' }, problem: /"certificate"/ },
  { fact: 'an inherited name as kind', row: { ...route, kind: '__proto__' }, problem: /does not know/ },
  { fact: 'no key', row: { ...route, key: null }, problem: /has no key/ },
  {
    fact: 'another row’s key',
    row: { ...route, key: 'tls/other.example.com' },
    problem: /"tls\/www.example.com"/,
  },
  { fact: 'no body', row: { ...route, body: undefined }, problem: /not an object/ },
  { fact: 'a text as body', row: { ...route, body: '{}' }, problem: /not an object/ },
  { fact: 'an array as body', row: { ...route, body: [] }, problem: /not an object/ },
  { fact: 'another kind’s body', row: { ...route, body: endpoint['body'] }, problem: /^listener / },
  ...[
    ['listener', 'udp', /must be tls or http/],
    ['pattern', 'has space.com', /space/],
    ['pattern', 'a.*.com', /character/],
    ['alpn', 'h2', /"tls\/www.example.com alpn h2"/],
    ['alpn', 'h2 alpn h3', /^alpn must be of/],
    ['alpn', '', /^alpn is empty/],
    ['alpn', 7, /^alpn must be a text/],
    ['service', 'acme/shop/prod', /ORG\/APP\/ENV\/PROCESS/],
    ['service', 'acme/shop/prod/Web', /^service process/],
    ['backendPort', 0, /^backendPort/],
    ['backendPort', 65536, /^backendPort/],
    ['backendPort', '8443', /number/],
    ['backendPort', 80.5, /^backendPort/],
    ['weight', -1, /^weight must be a whole number/],
    ['weight', 0, /^weight must be above 0/],
    ['others', null, /^others must be a list/],
    ['others', [{ service: 'evil/a/b/c', backendPort: 1, weight: 1 }], /^others\[0\] is of another org/],
    ['others', [{ service: 'acme/shop/prod/web', backendPort: 8443, weight: 1 }], /named before/],
    ['proxyProtocol', 'v1', /must be none or v2/],
    ['proxyTlvs', null, /^proxyTlvs must be a list/],
    ['proxyTlvs', ['alpn', 'cn'], /^proxyTlvs \[1\] must be alpn, unique-id, crc32c, org, app or env/],
    ['redirectToHttps', 'yes', /true or false/],
  ].map(([field, value, problem]) => ({
    fact: `${field} ${JSON.stringify(value)}`,
    row: { ...route, body: { ...routeBody, [`${field}`]: value } },
    problem: problem as RegExp,
  })),
  {
    fact: 'a protocol on the http listener',
    row: {
      ...route,
      key: 'http/www.example.com alpn h2',
      body: { ...routeBody, listener: 'http', alpn: 'h2' },
    },
    problem: /^alpn is possible on the tls listener only/,
  },
  {
    fact: 'a port beyond 65535',
    row: { ...port, body: { ...(port['body'] as object), port: 70000 } },
    problem: /^port /,
  },
  ...['::1', '0.0.0.0', '', 7].map((address) => ({
    fact: `the dedicated address ${JSON.stringify(address)}`,
    row: { ...port, body: { ...(port['body'] as object), address } },
    problem: /^address /,
  })),
  {
    fact: 'the key of the shared addresses and a dedicated one',
    row: { ...port, body: { ...(port['body'] as object), address: '203.0.113.7' } },
    problem: /"port\/203.0.113.7:20000"/,
  },
  ...['::', '0.0.0.0', 'fe80::1%eth0', 'localhost', '', '10.0.0.1:80'].map((address) => ({
    fact: `the address ${JSON.stringify(address)}`,
    row: { ...endpoint, body: { ...(endpoint['body'] as object), address } },
    problem: /^address /,
  })),
  {
    fact: 'an instance with a slash',
    row: { ...endpoint, body: { ...(endpoint['body'] as object), instance: 'a/b' } },
    problem: /^instance /,
  },
];

for (const { fact, row, problem } of BAD) {
  test(`rejects a row with ${fact} and says why`, (t) => {
    const decoded = decodeChange(row);
    t.is(decoded.kind, 'rejected');
    if (decoded.kind === 'rejected') t.regex(decoded.problem, problem);
  });
}

test('rejects a row that lacks any one field of its body', (t) => {
  for (const row of [route, port, endpoint]) {
    const body = row['body'] as Record<string, unknown>;
    for (const field of Object.keys(body)) {
      const decoded = decodeChange({ ...row, body: { ...body, [field]: undefined } });
      t.true(decoded.kind === 'rejected' && decoded.problem.startsWith(`${field} `));
    }
  }
});

test('names a rejected row as far as it has a name', (t) => {
  t.like(decodeChange({ ...route, revision: '7', body: 1 }), {
    kind: 'rejected',
    kindOf: 'route',
    key: 'tls/www.example.com',
    revision: 7,
  });
  t.like(decodeChange({ kind: 4, key: {}, revision: 'x' }), { kindOf: '', key: '', revision: null });
});

test('leaves out fields that the model does not have', (t) => {
  const decoded = decodeChange({ ...route, extra: 1, body: { ...routeBody, extra: 1 } });
  t.true(decoded.kind === 'ok' && decoded.change.value !== null && !('extra' in decoded.change.value));
});

test('never throws', (t) => {
  const anything = fc.anything({ withNullPrototype: true });
  const nearly = fc.record({
    kind: fc.constantFrom('route', 'port', 'endpoint'),
    key: fc.string(),
    revision: fc.nat(),
    body: anything,
  });
  fc.assert(
    fc.property(fc.oneof(anything, nearly), (row) => {
      decodeChange(row);
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});
