import test from 'ava';
import fc from 'fast-check';
import { decodeEvent, type EventRow } from '../../../routing/control/events/decode-event.ts';
import { currentVersion, type Upcasters } from '../../../routing/control/events/upcasters.ts';
import { query, startTestPostgres } from '../../support/postgres.ts';
import { expectOk, META, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

const ROW: EventRow = {
  seq: '7',
  stream: 'route/tls/www.example.com',
  stream_version: 2,
  type: 'route.updated',
  schema_version: 4,
  payload: {
    listener: 'tls',
    pattern: 'www.example.com',
    alpn: null,
    service: 'acme/shop/production/web',
    backendPort: 8443,
    weight: 1,
    others: [],
    proxyProtocol: 'none',
    proxyTlvs: [],
    redirectToHttps: false,
  },
  actor: 'ada',
  recorded_at: new Date(0),
};

test('records who did what, why, and in which order', async (t) => {
  const { control, database } = await startControl(t, postgres);
  const meta = { actor: 'ada', reason: 'launch', idempotencyKey: 'k1' };
  expectOk(await control.createRoute({ hostname: 'www.example.com', ...SHOP, backendPort: 8443 }, meta));
  expectOk(await control.deleteRoute({ hostname: 'www.example.com' }, { actor: 'bob' }));
  const columns = 'stream, stream_version, type, schema_version, payload, actor, reason, idempotency_key';
  const [created, deleted] = await query(
    database.adminUrl,
    `select ${columns} from weir.events where seq > 0 order by seq`,
  );
  t.deepEqual(created, {
    stream: 'route/tls/www.example.com',
    stream_version: 1,
    type: 'route.created',
    schema_version: 4,
    payload: ROW.payload,
    actor: 'ada',
    reason: 'launch',
    idempotency_key: 'k1',
  });
  t.like(deleted, { stream_version: 2, type: 'route.deleted', actor: 'bob', reason: null });
});

for (const statement of [
  `update weir.events set actor = 'mallory'`,
  'delete from weir.events',
  'delete from weir.events where false',
  'truncate weir.events',
  `set session_replication_role = replica; delete from weir.events`,
]) {
  test(`refuses the log's owner to ${statement}`, async (t) => {
    const { control, database } = await startControl(t, postgres);
    expectOk(await control.definePortPool({ first: 1, last: 2 }, META));
    const error = await t.throwsAsync(query(database.adminUrl, statement));
    t.is(error && 'code' in error ? error.code : null, '42501');
    t.is((await query(database.adminUrl, 'select from weir.events where seq > 0')).length, 1);
  });
}

test('decodes an event of this version', (t) => {
  const decoded = decodeEvent(ROW);
  t.like(decoded, { kind: 'ok', value: { seq: 7, streamVersion: 2, event: { type: 'route.updated' } } });
});

test('upcasts an old event step by step', (t) => {
  // Version 1 had no PROXY protocol, version 2 had it as a flag.
  const upcasters: Upcasters = {
    'route.updated': [
      (payload) => ({ ...(payload as object), sendsProxy: false }),
      (payload) => {
        const { sendsProxy, ...rest } = payload as Record<string, unknown>;
        return { ...rest, proxyProtocol: sendsProxy === true ? 'v2' : 'none' };
      },
    ],
  };
  const { proxyProtocol: _, ...first } = ROW.payload as Record<string, unknown>;
  const decode = (schema_version: number, payload: unknown) =>
    decodeEvent({ ...ROW, schema_version, payload }, upcasters);
  t.is(currentVersion('route.updated', upcasters), 3);
  t.is(currentVersion('route.created', upcasters), 1);
  t.like(decode(1, first), { value: { event: { payload: { proxyProtocol: 'none' } } } });
  t.like(decode(2, { ...first, sendsProxy: true }), {
    value: { event: { payload: { proxyProtocol: 'v2' } } },
  });
  t.like(decode(3, ROW.payload), { value: { event: { payload: { proxyProtocol: 'none' } } } });
  t.is(decode(4, ROW.payload).kind, 'invalid');
  t.is(decode(1, ROW.payload).kind, 'ok');
});

const payload = (change: object) => ({ ...ROW, payload: { ...(ROW.payload as object), ...change } });

for (const [what, row] of [
  ['of an unknown type', { ...ROW, type: 'route.painted' }],
  ['of a later version', { ...ROW, schema_version: 5 }],
  ['in the stream of another', { ...ROW, stream: 'route/tls/other.example.com' }],
  ['without an object', { ...ROW, payload: [] }],
  ['with null', { ...ROW, payload: null }],
  ['with an unknown field', payload({ wait: 1 })],
  ['with an inherited name', payload({ ['__proto__']: 1, constructor: 1 })],
  ['without a field', { ...ROW, payload: { listener: 'tls' } }],
  ['with a name that is none', payload({ pattern: 'two words' })],
  ['with a protocol that is none', payload({ alpn: 'h2,h3' })],
  [
    'with a protocol on the http listener',
    { ...payload({ listener: 'http', alpn: 'h2' }), stream: 'route/http/www.example.com alpn h2' },
  ],
  [
    'in the stream of a route that asks for a protocol',
    { ...ROW, stream: 'route/tls/www.example.com alpn h2' },
  ],
  ['that asks for a protocol, in the stream of the plain route', payload({ alpn: 'h2' })],
  ['with a service that is none', payload({ service: 'acme/shop' })],
  ['with a port as text', payload({ backendPort: '8443' })],
  ['with a port that is none', payload({ backendPort: 0 })],
  ['with a number for a flag', payload({ redirectToHttps: 0 })],
  ['with another PROXY protocol', payload({ proxyProtocol: 'v1' })],
  [
    'with a pool that ends before it begins',
    { ...ROW, type: 'port-pool.defined', stream: 'port-pool', payload: { first: 2, last: 1 } },
  ],
] as const) {
  test(`does not decode an event ${what}`, (t) => {
    const decoded = decodeEvent(row);
    t.is(decoded.kind, 'invalid');
  });
}

test('answers for any payload, and never throws', (t) => {
  const types = ['route.created', 'port.released', 'endpoint.reported', 'port-pool.defined'];
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...types), (anything, type) => {
      t.is(decodeEvent({ ...ROW, type, payload: anything }).kind, 'invalid');
    }),
    { numRuns: 500 },
  );
});
