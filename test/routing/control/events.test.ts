import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { type EventFilter, parseEventFilter } from '../../../routing/control/queries/event-filter.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import { append, expectOk, META, SHOP, startControl } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

async function startFilled(t: Parameters<typeof startControl>[0]) {
  const { control, database } = await startControl(t, postgres);
  const route = { hostname: 'www.example.com', ...SHOP, backendPort: 8443 };
  expectOk(await control.createRoute(route, { ...META, reason: 'launch', idempotencyKey: 'k1' }));
  expectOk(await control.createRoute({ ...route, listener: 'http', redirectToHttps: true }, META));
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  const port = { ...SHOP, org: 'other', backendPort: 1, proxyProtocol: 'v2' };
  expectOk(await control.allocatePort(port, { actor: 'bob' }));
  const endpoint = { ...SHOP, instance: 'i-1', address: 'fd00::1' };
  expectOk(await control.reportEndpoint(endpoint, META));
  const list = async (filter: Parameters<typeof control.listEvents>[0]) =>
    expectOk(await control.listEvents(filter)).events.map(({ seq }) => seq);
  return { control, database, list };
}

test('lists what was recorded, oldest first, with who, why and what it says', async (t) => {
  const { control } = await startFilled(t);
  const { events, hasEarlier } = expectOk(await control.listEvents({}));
  t.false(hasEarlier);
  t.deepEqual(
    events.map(({ seq, type, actor, summary }) => [seq, type, actor, summary]),
    [
      [1, 'route.created', 'ada', 'www.example.com → acme/shop/production/web port 8443'],
      [2, 'route.created', 'ada', 'www.example.com → acme/shop/production/web port 8443, redirects to https'],
      [3, 'port-pool.defined', 'ada', 'ports 20000 to 20009'],
      [4, 'port.allocated', 'bob', 'port 20000 → other/shop/production/web port 1, PROXY v2'],
      [5, 'endpoint.reported', 'ada', 'acme/shop/production/web/i-1 at fd00::1 is ready'],
    ],
  );
  t.like(events[0], {
    stream: 'route/tls/www.example.com',
    streamVersion: 1,
    schemaVersion: 4,
    reason: 'launch',
    idempotencyKey: 'k1',
    payload: { backendPort: 8443 },
  });
});

test('lists the events of a hostname on each listener, of an org, of a stream, and of several at once', async (t) => {
  const { list } = await startFilled(t);
  t.deepEqual(await list({ route: 'WWW.example.com.' }), [1, 2]);
  t.deepEqual(await list({ org: 'acme' }), [1, 2, 5]);
  t.deepEqual(await list({ org: 'other' }), [4]);
  t.deepEqual(await list({ stream: 'port-pool' }), [3]);
  t.deepEqual(await list({ route: 'www.example.com', stream: 'route/http/www.example.com' }), [2]);
  t.deepEqual(await list({ route: 'www.example.com', stream: 'port-pool' }), []);
  t.deepEqual(await list({ route: 'www.example.com', org: 'other' }), []);
  t.deepEqual(await list({ org: 'ac%', stream: 'a\0b' }), []);
});

test('lists the last events, from a number or a time on, and says whether there are earlier ones', async (t) => {
  const { control, list } = await startFilled(t);
  t.deepEqual(await list({ limit: 2 }), [4, 5]);
  t.deepEqual(await list({ since: 3 }), [3, 4, 5]);
  t.deepEqual(await list({ since: '1h' }), [1, 2, 3, 4, 5]);
  t.deepEqual(await list({ since: '2999-01-01' }), []);
  const { events } = expectOk(await control.listEvents({ since: '4' }));
  t.deepEqual(await list({ since: events[0]?.recordedAt }), [4, 5]);
  t.true(expectOk(await control.listEvents({ limit: 4 })).hasEarlier);
  t.false(expectOk(await control.listEvents({ limit: 5 })).hasEarlier);
  t.false(expectOk(await control.listEvents({ limit: 2, since: 4 })).hasEarlier);
});

test('lists an event that cannot be read, and says why', async (t) => {
  const { control, database } = await startControl(t, postgres);
  await append(database, 'two words');
  const [event] = expectOk(await control.listEvents({})).events;
  t.is(event?.summary, 'cannot be read: it pattern has the character space');
});

const NOW = Date.parse('2026-05-01T12:00:00Z');

for (const [since, expected] of [
  ['0', { sinceSeq: 0, sinceTime: null }],
  ['42', { sinceSeq: 42, sinceTime: null }],
  ['30m', { sinceSeq: 0, sinceTime: new Date('2026-05-01T11:30:00Z') }],
  ['2h', { sinceSeq: 0, sinceTime: new Date('2026-05-01T10:00:00Z') }],
  ['2026-05-01', { sinceSeq: 0, sinceTime: new Date('2026-05-01T00:00:00Z') }],
  ['2026-05-01T09:30+02:00', { sinceSeq: 0, sinceTime: new Date('2026-05-01T07:30:00Z') }],
  ['2026-05-01T09:30:00.123Z', { sinceSeq: 0, sinceTime: new Date('2026-05-01T09:30:00.123Z') }],
] as const) {
  test(`since ${since} is read`, (t) => {
    t.like(parseEventFilter({ since }, NOW), { kind: 'ok', value: expected });
  });
}

for (const input of [
  { since: '' },
  { since: 'yesterday' },
  { since: '2h30m' },
  { since: '-1' },
  { since: '2026-13-01' },
  { since: '2026-05-01T25:00' },
  { since: '99999999999999999' },
  { since: '9999999999h' },
  { limit: 0 },
  { limit: -1 },
  { limit: '5.5' },
  { limit: 10_001 },
  { route: 'two words' },
  { org: '' },
  { stream: '' },
]) {
  test(`a filter with ${JSON.stringify(input)} is refused, by that field's name`, (t) => {
    const filter = parseEventFilter(input, NOW);
    t.deepEqual(
      filter.kind === 'invalid' ? filter.problems.map(({ field }) => field) : [],
      Object.keys(input),
    );
  });
}

const NOTHING: EventFilter = {
  streams: null,
  pattern: null,
  org: null,
  sinceSeq: 0,
  sinceTime: null,
  limit: 1,
};

testProp('any filter is read or refused', [fc.string(), fc.string()], (t, since, limit) => {
  const filter = parseEventFilter({ since, limit, org: since, stream: limit, route: since }, NOW);
  const { sinceTime, sinceSeq }: EventFilter = filter.kind === 'ok' ? filter.value : NOTHING;
  t.true(Number.isSafeInteger(sinceSeq));
  t.false(Number.isNaN(sinceTime?.getTime()));
});
