import test from 'ava';
import { rebuildProjections } from '../../../../routing/control/projection/rebuild.ts';
import { startTestPostgres } from '../../../support/postgres.ts';
import { expectOk, META, pool } from '../fixture.ts';
import { DOMAIN, domainsOf, eventsIn, kindOf, PLATFORM, route, startWithZone, TRUSTED } from './ground.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

test('gives a name below a platform domain to the first who routes it, on both listeners, until the last route goes', async (t) => {
  const { control, database } = await startWithZone(t, postgres);
  expectOk(await control.definePolicy({ coolDown: '0' }, META));
  expectOk(await control.claimDomain(PLATFORM, META));
  expectOk(await route(control, 'deep.shop.apps.example.net', 'umbrella'));
  t.deepEqual(await domainsOf(control), [
    'apps.example.net ops held trusted',
    'shop.apps.example.net umbrella held platform',
  ]);
  for (const hostname of [
    'shop.apps.example.net',
    '*.shop.apps.example.net',
    'other.shop.apps.example.net',
  ]) {
    t.is(kindOf(await route(control, hostname, 'globex')), 'conflict', hostname);
    t.is(kindOf(await route(control, hostname, 'ops')), 'conflict', hostname);
  }
  t.is(kindOf(await route(control, '*.apps.example.net', 'umbrella')), 'conflict');
  expectOk(await route(control, '*.apps.example.net', 'ops'));

  expectOk(await route(control, 'deep.shop.apps.example.net', 'umbrella', 'http'));
  expectOk(await route(control, '*.shop.apps.example.net', 'umbrella'));
  expectOk(await control.deleteRoute({ hostname: 'deep.shop.apps.example.net' }, META));
  expectOk(await control.updateRoute({ hostname: '*.shop.apps.example.net', backendPort: 1 }, META));
  expectOk(await control.deleteRoute({ hostname: '*.shop.apps.example.net' }, META));
  t.is(kindOf(await route(control, 'shop.apps.example.net', 'globex')), 'conflict');
  const before = await eventsIn(database);
  expectOk(await control.deleteRoute({ hostname: 'deep.shop.apps.example.net', listener: 'http' }, META));
  t.is(await eventsIn(database), before + 2);
  t.deepEqual(await domainsOf(control), ['apps.example.net ops held trusted']);
  expectOk(await route(control, 'shop.apps.example.net', 'globex'));
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), { differing: 0 });
});

test('a route that asks for a protocol counts as one of its name', async (t) => {
  const { control } = await startWithZone(t, postgres);
  expectOk(await control.definePolicy({ coolDown: '0' }, META));
  expectOk(await control.claimDomain(PLATFORM, META));
  const hostname = 'shop.apps.example.net';
  const target = { app: 'shop', env: 'production', process: 'web', backendPort: 8443 };
  const create = (org: string, alpn?: string) =>
    control.createRoute({ ...target, hostname, org, alpn }, META);
  const held = ['apps.example.net ops held trusted', 'shop.apps.example.net umbrella held platform'];

  expectOk(await create('umbrella', 'acme-tls/1'));
  t.deepEqual(await domainsOf(control), held);
  for (const alpn of [undefined, 'h2', 'acme-tls/1']) t.is(kindOf(await create('globex', alpn)), 'conflict');
  expectOk(await create('umbrella', 'h2'));
  expectOk(await create('umbrella'));

  expectOk(await control.deleteRoute({ hostname }, META));
  expectOk(await control.deleteRoute({ hostname, alpn: 'acme-tls/1' }, META));
  t.deepEqual(await domainsOf(control), held);
  t.is(kindOf(await create('globex')), 'conflict');
  expectOk(await control.deleteRoute({ hostname, alpn: 'h2' }, META));
  t.deepEqual(await domainsOf(control), held.slice(0, 1));
  expectOk(await create('globex', 'h2'));
});

test('a domain is in use as long as one of its routes asks for a protocol', async (t) => {
  const { control } = await startWithZone(t, postgres);
  expectOk(await control.claimDomain(TRUSTED, META));
  const target = { org: DOMAIN.org, app: 'shop', env: 'production', process: 'web', backendPort: 8443 };
  const hostname = `www.${DOMAIN.domain}`;
  for (const alpn of ['h2', undefined]) {
    expectOk(await control.createRoute({ ...target, hostname, alpn }, META));
  }
  t.is(kindOf(await control.releaseDomain(DOMAIN, META)), 'conflict');
  expectOk(await control.deleteRoute({ hostname }, META));
  t.is(kindOf(await control.releaseDomain(DOMAIN, META)), 'conflict');
  expectOk(await control.deleteRoute({ hostname, alpn: 'h2' }, META));
  expectOk(await control.releaseDomain(DOMAIN, META));
});

test('a route that is refused takes no name with it', async (t) => {
  const { control, database } = await startWithZone(t, postgres);
  expectOk(await control.claimDomain(PLATFORM, META));
  expectOk(await route(control, 'shop.apps.example.net', 'umbrella'));
  expectOk(
    await control.claimDomain({ ...PLATFORM, domain: 'shop.apps.example.net', org: 'umbrella' }, META),
  );
  const before = await eventsIn(database);
  t.is(kindOf(await route(control, 'shop.apps.example.net', 'umbrella')), 'conflict');
  t.is(kindOf(await route(control, 'shop.apps.example.net', 'globex')), 'conflict');
  t.is(await eventsIn(database), before);
});

test('what an org routes below a domain that it opens stays its own', async (t) => {
  const { control, database } = await startWithZone(t, postgres);
  const domain = { ...TRUSTED, domain: 'apps.example.net' };
  expectOk(await control.claimDomain(domain, META));
  expectOk(await control.claimDomain({ ...domain, domain: 'held.apps.example.net' }, META));
  for (const hostname of [
    'x.mine.apps.example.net',
    '*.mine.apps.example.net',
    'held.apps.example.net',
    '*.apps.example.net',
  ]) {
    expectOk(await route(control, hostname, 'umbrella'));
  }
  expectOk(await control.claimDomain({ ...domain, isPlatform: true }, META));
  t.deepEqual(await domainsOf(control), [
    'apps.example.net umbrella held trusted',
    'held.apps.example.net umbrella held trusted',
    'mine.apps.example.net umbrella held platform',
  ]);
  for (const hostname of ['mine.apps.example.net', 'y.mine.apps.example.net', 'held.apps.example.net']) {
    t.is(kindOf(await route(control, hostname, 'globex', 'http')), 'conflict', hostname);
  }
  expectOk(await route(control, 'free.apps.example.net', 'globex'));
  expectOk(await control.deleteRoute({ hostname: 'x.mine.apps.example.net' }, META));
  expectOk(await control.deleteRoute({ hostname: '*.mine.apps.example.net' }, META));
  t.is((await domainsOf(control)).filter((text) => text.startsWith('mine')).length, 0);
  t.like(await rebuildProjections(pool(t, database), { isDryRun: true }), { differing: 0 });
});

test('gives up what a route took also where a domain that is held by itself lies between', async (t) => {
  const { control } = await startWithZone(t, postgres);
  expectOk(await control.claimDomain(PLATFORM, META));
  expectOk(await route(control, 'shop.apps.example.net', 'umbrella'));
  expectOk(await control.claimDomain({ ...TRUSTED, domain: 'eu.shop.apps.example.net' }, META));
  expectOk(await route(control, 'eu.shop.apps.example.net', 'umbrella'));
  expectOk(await control.deleteRoute({ hostname: 'shop.apps.example.net' }, META));
  t.is((await domainsOf(control)).length, 3);
  expectOk(await control.deleteRoute({ hostname: 'eu.shop.apps.example.net' }, META));
  t.deepEqual(await domainsOf(control), [
    'apps.example.net ops held trusted',
    'eu.shop.apps.example.net umbrella held trusted',
  ]);
});

test('does not release a domain whose routes would lie open below a platform domain', async (t) => {
  const { control } = await startWithZone(t, postgres);
  const upper = { ...PLATFORM, domain: 'example.net', org: 'umbrella' };
  expectOk(await control.claimDomain(upper, META));
  expectOk(await control.claimDomain(TRUSTED, META));
  expectOk(await route(control, 'www.shop.example.net', 'umbrella'));
  t.is(kindOf(await control.releaseDomain(DOMAIN, META)), 'conflict');
});

test('does not close or release a platform domain over the heads of those who have names below it', async (t) => {
  const { control } = await startWithZone(t, postgres);
  expectOk(await control.claimDomain({ ...PLATFORM, domain: 'example.net', isPlatform: false }, META));
  expectOk(await control.claimDomain(PLATFORM, META));
  expectOk(await route(control, 'shop.apps.example.net', 'umbrella'));
  const close = () => control.claimDomain({ ...PLATFORM, isPlatform: false }, META);
  t.is(kindOf(await close()), 'conflict');
  t.is(kindOf(await control.releaseDomain(PLATFORM, META)), 'conflict');
  expectOk(await control.deleteRoute({ hostname: 'shop.apps.example.net' }, META));
  // It has not cooled down, and whoever holds what is above would get it.
  t.is(kindOf(await close()), 'conflict');
  t.is(kindOf(await control.releaseDomain(PLATFORM, META)), 'conflict');
  t.is(kindOf(await route(control, 'shop.apps.example.net', 'ops')), 'conflict');
  expectOk(await control.definePolicy({ coolDown: '0' }, META));
  expectOk(await close());
  expectOk(await route(control, 'shop.apps.example.net', 'ops'));
});
