import test from 'ava';
import { startTestPostgres } from '../../support/postgres.ts';
import { connect, expectOk, META } from './fixture.ts';
import {
  DOMAIN,
  domainsOf,
  eventsIn,
  kindOf,
  messageOf,
  PLATFORM,
  route,
  startWithZone,
  TRUSTED,
} from './ownership/ground.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

test('holds a claimed domain when the record is there, and not before', async (t) => {
  const { control, zone, database } = await startWithZone(t, postgres);
  const claimed = expectOk(await control.claimDomain(DOMAIN, META));
  t.like(claimed, {
    ...DOMAIN,
    state: 'pending',
    proof: 'none',
    isPlatform: false,
    revision: 1,
    actor: 'ada',
  });
  t.regex(claimed.token, /^[0-9a-f]{32}$/);
  t.deepEqual(claimed.challenge, {
    name: '_weir-challenge.shop.example.net',
    value: `weir-verify=${claimed.token}`,
  });
  t.is(kindOf(await route(control, 'www.shop.example.net', 'umbrella')), 'not-allowed');

  const record = claimed.challenge?.name ?? '';
  for (const answer of [
    { kind: 'absent' },
    { kind: 'found', values: ['weir-verify=', 'v=spf1 -all', `${claimed.token}`] },
    { kind: 'failed', problem: 'the resolver 192.0.2.1:53 did not answer within 5000 ms' },
  ] as const) {
    zone.set(record, answer);
    const refused = await control.verifyDomain(DOMAIN, META);
    t.is(refused.kind, 'not-allowed');
    t.regex(messageOf(refused), /_weir-challenge|did not answer/);
  }
  t.is(await eventsIn(database), 1);

  zone.set(record, { kind: 'found', values: ['v=spf1 -all', `weir-verify=${claimed.token}`] });
  const held = expectOk(await control.verifyDomain(DOMAIN, META));
  t.like(held, { state: 'held', proof: 'dns', token: claimed.token, revision: 2 });
  t.deepEqual(await control.listDomains({ org: 'umbrella' }), [held]);
  expectOk(await route(control, 'www.shop.example.net', 'umbrella'));
  expectOk(await route(control, '*.shop.example.net', 'umbrella', 'http'));
});

test('a repeated claim has the same token, and a repeated proof changes nothing', async (t) => {
  const { control, zone, database, lookUpTxt } = await startWithZone(t, postgres);
  const first = expectOk(await control.claimDomain(DOMAIN, META));
  const other = await connect(t, database, { lookUpTxt });
  t.deepEqual(expectOk(await other.claimDomain({ ...DOMAIN, domain: 'SHOP.example.net.' }, META)), first);
  zone.set(first.challenge?.name ?? '', { kind: 'found', values: [`weir-verify=${first.token}`] });
  const held = expectOk(await control.verifyDomain(DOMAIN, META));
  zone.clear();
  t.deepEqual(expectOk(await control.verifyDomain(DOMAIN, META)), held);
  t.deepEqual(expectOk(await control.claimDomain(DOMAIN, META)), held);
  t.is(await eventsIn(database), 2);
});

test('answers a claim with an idempotency key alike for ever', async (t) => {
  const { control, database } = await startWithZone(t, postgres);
  const keyed = { ...META, idempotencyKey: 'claim-1' };
  const first = await control.claimDomain(DOMAIN, keyed);
  expectOk(await control.releaseDomain(DOMAIN, META));
  t.deepEqual(await control.claimDomain(DOMAIN, keyed), { ...first, isReplay: true } as never);
  t.is(kindOf(await control.claimDomain({ ...DOMAIN, org: 'globex' }, keyed)), 'conflict');
  t.is(await eventsIn(database), 2);
  const again = expectOk(await control.claimDomain(DOMAIN, META));
  t.not(again.token, expectOk(first).token);
});

test('claims of several orgs stand beside each other until one is proved', async (t) => {
  const { control, zone } = await startWithZone(t, postgres);
  const rival = { ...DOMAIN, org: 'globex' };
  const mine = expectOk(await control.claimDomain(DOMAIN, META));
  const theirs = expectOk(await control.claimDomain(rival, META));
  t.not(mine.token, theirs.token);
  zone.set(mine.challenge?.name ?? '', { kind: 'found', values: [`weir-verify=${theirs.token}`] });
  t.is(kindOf(await control.verifyDomain(DOMAIN, META)), 'not-allowed');
  expectOk(await control.verifyDomain(rival, META));
  zone.set(mine.challenge?.name ?? '', { kind: 'found', values: [`weir-verify=${mine.token}`] });
  t.is(kindOf(await control.verifyDomain(DOMAIN, META)), 'conflict');
  t.is(kindOf(await control.claimDomain({ ...rival, org: 'initech' }, META)), 'conflict');
  t.like(expectOk(await control.releaseDomain(DOMAIN, META)), { state: 'released', proof: 'none' });
  t.deepEqual(await domainsOf(control), ['shop.example.net globex held dns']);
});

test('the operator vouches for what no record can prove', async (t) => {
  const { control } = await startWithZone(t, postgres);
  for (const claim of [
    { domain: 'test', org: 'umbrella' },
    { domain: '*', org: 'umbrella' },
    { ...DOMAIN, domain: `${'a.'.repeat(118)}example.net` },
    PLATFORM,
  ]) {
    const { domain } = claim;
    if (domain.length < 5) expectOk(await control.releaseDomain({ domain, org: 'acme' }, META));
    expectOk(await control.definePolicy({ coolDown: '0' }, META));
    t.is(kindOf(await control.claimDomain({ ...claim, isTrusted: false }, META)), 'not-allowed', domain);
    const held = expectOk(await control.claimDomain({ ...claim, isTrusted: true }, META));
    t.like(held, { state: 'held', proof: 'trusted', token: '', challenge: null });
  }
});

test('what was only said is the operator’s word when that is given, and stays proved afterwards', async (t) => {
  const { control } = await startWithZone(t, postgres);
  const { token } = expectOk(await control.claimDomain(DOMAIN, META));
  t.like(expectOk(await control.claimDomain(TRUSTED, META)), { state: 'held', proof: 'trusted', token });
  expectOk(await route(control, 'shop.example.net', 'umbrella'));
  const old = { ...DOMAIN, token, proof: 'none' };
  const applied = await control.apply([{ kind: 'domain', input: old }], { isTrusted: true }, META);
  t.like(applied, { kind: 'ok', value: { changes: { 0: { action: 'unchanged' } } } });
  t.like((await control.listDomains({ org: 'umbrella' }))[0], { state: 'held', proof: 'trusted' });
});

test('keeps a domain that routes need, and says which', async (t) => {
  const { control } = await startWithZone(t, postgres);
  expectOk(await control.claimDomain(TRUSTED, META));
  expectOk(await route(control, '*.shop.example.net', 'umbrella'));
  const refused = await control.releaseDomain(DOMAIN, META);
  t.is(refused.kind, 'conflict');
  t.regex(messageOf(refused), /\*\.shop\.example\.net/);
  // Held by itself, it does not need the one above; and the other way round.
  expectOk(await control.claimDomain({ ...TRUSTED, domain: 'a.shop.example.net' }, META));
  expectOk(await route(control, 'b.a.shop.example.net', 'umbrella'));
  expectOk(await control.releaseDomain({ ...DOMAIN, domain: 'a.shop.example.net' }, META));
  expectOk(await control.claimDomain({ ...TRUSTED, domain: 'a.shop.example.net' }, META));
  expectOk(await control.deleteRoute({ hostname: '*.shop.example.net' }, META));
  expectOk(await control.releaseDomain(DOMAIN, META));
  t.is(kindOf(await control.releaseDomain({ ...DOMAIN, domain: 'a.shop.example.net' }, META)), 'conflict');
  t.is(kindOf(await control.releaseDomain(DOMAIN, META)), 'not-found');
});

test('a route does not go to another org', async (t) => {
  const { control } = await startWithZone(t, postgres);
  expectOk(await control.claimDomain(TRUSTED, META));
  expectOk(await route(control, 'www.shop.example.net', 'umbrella'));
  expectOk(
    await control.updateRoute({ hostname: 'www.shop.example.net', org: 'umbrella', backendPort: 2 }, META),
  );
  t.is(
    kindOf(await control.updateRoute({ hostname: 'www.shop.example.net', org: 'globex' }, META)),
    'conflict',
  );
});

test('the log says of whom each event on a domain is', async (t) => {
  const { control } = await startWithZone(t, postgres);
  expectOk(await control.claimDomain(PLATFORM, META));
  expectOk(await control.claimDomain(DOMAIN, META));
  expectOk(await route(control, 'shop.apps.example.net', 'umbrella'));
  expectOk(await control.deleteRoute({ hostname: 'shop.apps.example.net' }, META));
  expectOk(await control.releaseDomain(DOMAIN, META));
  const { events } = expectOk(await control.listEvents({ org: 'umbrella' }));
  t.deepEqual(
    events.map(({ type, stream }) => `${type} ${stream}`),
    [
      'domain.claimed domain/shop.example.net/umbrella',
      'domain.granted domain/shop.apps.example.net/umbrella',
      'route.created route/tls/shop.apps.example.net',
      'domain.released domain/shop.apps.example.net/umbrella',
      'route.deleted route/tls/shop.apps.example.net',
      'domain.released domain/shop.example.net/umbrella',
    ],
  );
  t.true(events.every(({ summary }) => /example\.net/.test(summary)));
});

test('names every field of a claim that is wrong', async (t) => {
  const { control, database } = await startWithZone(t, postgres);
  const bad = { domain: '*.example.net', org: 'No Name' };
  for (const result of [
    await control.claimDomain(bad, META),
    await control.verifyDomain(bad, META),
    await control.releaseDomain(bad, META),
  ]) {
    t.deepEqual(result.kind === 'invalid' ? result.problems.map(({ field }) => field) : [], [
      'domain',
      'org',
    ]);
  }
  const open = await control.claimDomain(
    { domain: '*', org: 'acme', isTrusted: true, isPlatform: true },
    META,
  );
  t.is(open.kind, 'invalid');
  t.is(kindOf(await control.verifyDomain(DOMAIN, META)), 'not-found');
  t.is(kindOf(await control.releaseDomain(DOMAIN, META)), 'not-found');
  t.is(await eventsIn(database), 0);
});
