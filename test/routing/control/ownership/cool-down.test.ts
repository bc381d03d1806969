import test from 'ava';
import { query, startTestPostgres } from '../../../support/postgres.ts';
import { expectOk, META } from '../fixture.ts';
import { DOMAIN, kindOf, messageOf, route, startWithZone, TRUSTED } from './ground.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

test('keeps a released name from others until it has cooled down, and gives it back to its own org at once', async (t) => {
  const { control } = await startWithZone(t, postgres);
  expectOk(await control.claimDomain(TRUSTED, META));
  expectOk(await control.releaseDomain(DOMAIN, META));
  const rival = { ...TRUSTED, org: 'globex' };
  for (const domain of ['shop.example.net', 'www.shop.example.net', 'example.net']) {
    const refused = await control.claimDomain({ ...rival, domain }, META);
    t.is(refused.kind, 'conflict', domain);
    t.regex(messageOf(refused), /shop\.example\.net\b.* until \d{4}-\d\d-\d\dT/);
    t.notRegex(messageOf(refused), /umbrella/);
  }
  expectOk(await control.claimDomain(TRUSTED, META));
  expectOk(await control.releaseDomain(DOMAIN, META));
  expectOk(await control.claimDomain({ ...rival, skipCoolDown: true }, META));
  // What was released before is no hindrance to whom it was given.
  expectOk(await control.claimDomain({ ...rival, isPlatform: true }, META));
  expectOk(await control.claimDomain({ ...rival, isPlatform: false }, META));
  expectOk(await route(control, 'www.shop.example.net', 'globex'));
});

test('a name has cooled down when the policy’s time is over', async (t) => {
  const { control, database } = await startWithZone(t, postgres);
  // Recorded by the hour: who holds it, and that it was given up 25 hours ago.
  const record = `insert into weir.events (stream, stream_version, type, schema_version, payload, actor, recorded_at)
    select 'domain/' || $1 || '/umbrella', version, type, 1, jsonb_build_object('domain', $1::text, 'org', 'umbrella',
      'token', '', 'proof', 'trusted', 'isPlatform', false), 'ada', now() - $2::interval
    from (values (1, 'domain.granted'), (2, 'domain.released')) as wanted (version, type)`;
  await query(database.controlUrl, record, ['old.example.net', '24 hours 1 second']);
  await query(database.controlUrl, record, ['new.example.net', '23 hours 59 minutes']);
  const claim = (domain: string) => control.claimDomain({ domain, org: 'globex', isTrusted: true }, META);
  expectOk(await claim('old.example.net'));
  t.is(kindOf(await claim('new.example.net')), 'conflict');
  expectOk(await control.definePolicy({ coolDown: '23h' }, META));
  expectOk(await claim('new.example.net'));
  expectOk(await control.definePolicy({ coolDown: '300ms' }, META));
  expectOk(await control.releaseDomain({ domain: 'new.example.net', org: 'globex' }, META));
  const back = () =>
    control.claimDomain({ domain: 'new.example.net', org: 'initech', isTrusted: true }, META);
  const refused = messageOf(await back());
  const freeAt = Date.parse(/until (\S+);/.exec(refused)?.[1] ?? '');
  let granted = await back();
  while (granted.kind === 'conflict') granted = await back();
  t.true(Date.parse(expectOk(granted).updatedAt) >= freeAt);
});
