import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Control } from '../../../routing/control/control.ts';
import { openControl } from '../../../routing/control/open-control.ts';
import { expectOk, META } from '../../routing/control/fixture.ts';
import { query, startTestPostgres, type TestDatabase, type TestPostgres } from '../../support/postgres.ts';
import { fileScope } from '../../support/scope.ts';
import { openWorkplace, route, workplaceOn } from './applying.ts';

const scope = fileScope(test);
let postgres: TestPostgres;

test.before(async () => {
  postgres = await startTestPostgres({ after: scope.teardown });
});

test('what was exported and applied to an empty database is the same there', async (t) => {
  const source = workplaceOn(t, await emptyDatabase());
  await withControl(source.database, fillRichly);
  const exported = await source.run('export');
  t.is(exported.exitCode, 0, exported.stderr);

  const back = await source.runWith(exported.stdout, 'apply', '-f', '-', '--trusted');
  t.regex(back.stdout, /^Nothing to do: \d+ unchanged$/m, back.stderr);
  const untrusted = await source.runWith(exported.stdout, 'apply', '-f', '-');
  t.regex(untrusted.stdout, /^Nothing to do: \d+ unchanged$/m, untrusted.stderr);

  const target = workplaceOn(t, await emptyDatabase());
  const applied = await target.runWith(exported.stdout, 'apply', '-f', '-', '--trusted');
  t.is(applied.exitCode, 0, applied.stderr);
  const [there, here] = await Promise.all([projections(source.database), projections(target.database)]);
  t.deepEqual(here, there);
  t.true(
    Object.values(there).every((rows) => rows.length > 0),
    'the state leaves a table out',
  );
  t.is((await target.run('export')).stdout, exported.stdout);

  const asList = await source.run('export', '--json');
  const again = workplaceOn(t, await emptyDatabase());
  const listed = await again.runWith(asList.stdout, 'apply', '-f', '-', '--trusted', '--json');
  t.is(listed.exitCode, 0, listed.stderr);
  t.deepEqual(await projections(again.database), there);
});

test("one org's export is what it has, and is taken back for it", async (t) => {
  const source = await openWorkplace(t, postgres);
  await withControl(source.database, fillRichly);
  const exported = await source.run('export', '--org', 'acme');
  t.notRegex(exported.stdout, /kind: (?:PortPool|AddressPool)|org: (?:host|other)$/m);
  const back = await source.runWith(
    exported.stdout,
    ...['apply', '-f', '-', '--org', 'acme', '--prune', '--trusted'],
  );
  t.regex(back.stdout, /^Nothing to do: \d+ unchanged$/m, back.stderr);
});

test('a file is written whole, and a directory has what the export wrote and no more', async (t) => {
  const { run, runWith, directory, file } = await openWorkplace(t, postgres);
  await runWith(route('a.example.com'), 'apply', '-f', '-', '--org', 'acme');
  const toStdout = await run('export');
  const toFile = await run('export', '-o', 'state.yaml');
  t.is(toFile.stdout, 'Wrote 1 documents to state.yaml\n', toFile.stderr);
  t.is(readFileSync(join(directory, 'state.yaml'), 'utf8'), toStdout.stdout);

  file('dir/weir-export-002.yaml', 'an earlier one');
  file('dir/mine.yaml', '# mine');
  const toDirectory = await run('export', '-o', 'dir', '--json');
  t.deepEqual(JSON.parse(toDirectory.stdout), { files: ['dir/weir-export-001.yaml'], documents: 1 });
  t.deepEqual(readdirSync(join(directory, 'dir')).sort(), ['mine.yaml', 'weir-export-001.yaml']);
  t.is((await run('export', '-o', 'new/')).stdout, 'Wrote 1 documents to new/weir-export-001.yaml\n');
  t.is((await run('apply', '-f', 'new')).stdout, 'Nothing to do: 1 unchanged\n');
  t.deepEqual(readdirSync(directory).sort(), ['dir', 'new', 'state.yaml']);
});

test('what cannot be exported, or not there, is said', async (t) => {
  const { run, directory } = await openWorkplace(t, postgres);
  const nowhere = await run('export', '-o', 'no/where.yaml');
  t.is(nowhere.exitCode, 1);
  t.is(nowhere.stderr, 'error: no/where.yaml cannot be written: it is in a directory that does not exist\n');
  const org = await run('export', '--org', 'Not an org', '--json');
  t.is(org.exitCode, 5);
  t.like(JSON.parse(org.stderr), { error: { code: 'invalid', problems: [{ field: 'org' }] } });
  writeFileSync(join(directory, 'file'), '');
  const inFile = await run('export', '-o', 'file/');
  t.is(inFile.exitCode, 1);
  t.regex(inFile.stderr, /^error: file\/ cannot be written: /);
  const nothing = await run('export');
  t.is(nothing.stdout, '# Written by weir export, to be taken back by weir apply.\n');
  t.deepEqual(JSON.parse((await run('export', '--json')).stdout), {
    apiVersion: 'v1',
    kind: 'List',
    items: [],
  });
});

/** A bit of everything that commands can lead to, with what it leaves behind. */
async function fillRichly(control: Control): Promise<void> {
  const shop = { app: 'shop', env: 'production', process: 'web' };
  const trust = async (domain: string, org: string, isPlatform = false) => {
    expectOk(await control.claimDomain({ domain, org, isTrusted: true, isPlatform }, META));
  };
  const routes = async (org: string, hostname: string, more = {}) => {
    expectOk(await control.createRoute({ ...shop, org, hostname, backendPort: 8443, ...more }, META));
  };
  expectOk(await control.definePolicy({ portQuota: 20, addressQuota: 3, coolDown: '36h' }, META));
  expectOk(await control.definePortPool({ first: 20_000, last: 20_009 }, META));
  expectOk(await control.defineAddressPool({ ranges: ['203.0.113.0/28', '198.51.100.7'] }, META));

  // Proved, pending, pending beside another's, a claim that was trusted later, and one below an open one.
  expectOk(await control.claimDomain({ domain: 'proved.org', org: 'acme' }, META));
  expectOk(await control.verifyDomain({ domain: 'proved.org', org: 'acme' }, META));
  expectOk(await control.claimDomain({ domain: 'pending.org', org: 'acme' }, META));
  expectOk(await control.claimDomain({ domain: 'eu.both.org', org: 'other' }, META));
  expectOk(await control.claimDomain({ domain: 'both.org', org: 'acme' }, META));
  await trust('both.org', 'acme');
  await trust('dev', 'host');
  await trust('zoo.dev', 'host', true);
  await trust('a.zoo.dev', 'acme');
  await trust('apps.io', 'host', true);
  await trust('bücher.org', 'other');
  await trust('*', 'acme');
  await trust('gone.org', 'other');
  expectOk(await control.releaseDomain({ domain: 'gone.org', org: 'other' }, META));

  await routes('acme', 'www.proved.org');
  await routes('acme', 'www.proved.org', { listener: 'http', redirectToHttps: true });
  await routes('acme', '*.proved.org', { proxyProtocol: 'v2' });
  await routes('acme', '*');
  await routes('acme', '*', { alpn: 'on' });
  await routes('acme', 'www.proved.org', { alpn: 'acme-tls/1', backendPort: 9443 });
  await routes('acme', '*.only.proved.org', { alpn: '1.0' });
  await routes('other', 'z.apps.io', { alpn: 'h2' });
  await routes('acme', 'www.a.zoo.dev');
  await routes('other', 'b.zoo.dev');
  await routes('host', 'c.zoo.dev');
  await routes('host', 'www.dev');
  await routes('acme', 'shop.apps.io');
  await routes('other', 'x.y.apps.io');
  await routes('other', '*.y.apps.io', { listener: 'http' });
  await routes('other', '*.bücher.org');
  await routes('other', 'was.apps.io');
  expectOk(await control.deleteRoute({ hostname: 'was.apps.io' }, META));
  const others = [
    { app: 'shop', env: 'production', process: 'canary', backendPort: 9443, weight: 5 },
    { app: 'yes', env: '123', process: 'null', backendPort: 1, weight: 0 },
  ];
  await routes('acme', 'split.both.org', { weight: 95, others });
  expectOk(await control.updateRoute({ hostname: 'shop.apps.io', backendPort: 9443 }, META));

  const bind = async (org: string, more = {}) => {
    expectOk(await control.allocatePort({ ...shop, org, backendPort: 5432, ...more }, META));
  };
  await bind('acme');
  await bind('acme', { port: 20_009, proxyProtocol: 'v2', weight: 3, others });
  await bind('other', { port: 20_005 });
  expectOk(await control.releasePort({ port: 20_005 }, META));
  await bind('other', { process: 'db' });
  for (const address of ['203.0.113.1', '203.0.113.10', '198.51.100.7']) {
    expectOk(await control.allocateAddress({ org: 'acme', address }, META));
  }
  expectOk(await control.allocateAddress({ org: 'other' }, META));
  await bind('acme', { address: '203.0.113.1', port: 443 });
  await bind('acme', { address: '203.0.113.10', port: 443 });
  expectOk(await control.releaseAddress({ address: '198.51.100.7' }, META));

  const report = async (org: string, instance: string, address: string, state?: string) => {
    expectOk(await control.reportEndpoint({ ...shop, org, instance, address, state }, META));
  };
  await report('acme', 'i-1', 'fd00:1::17');
  await report('acme', 'i-2', '10.0.0.2', 'not-ready');
  await report('other', '007', '10.0.0.7');
  await report('other', 'i-9', '10.0.0.9');
  await report('other', 'i-9', '10.0.0.9', 'gone');

  // What is there may be more than what could be had now.
  expectOk(await control.definePolicy({ org: 'acme', portQuota: 1, addressQuota: 'default' }, META));
  expectOk(await control.definePolicy({ org: 'other', portQuota: 'none', addressQuota: 0 }, META));
  expectOk(await control.definePortPool({ first: 20_001, last: 20_004 }, META));
  expectOk(await control.defineAddressPool({ ranges: ['203.0.113.10'] }, META));
}

/** What edges and people see of the projections, without numbers, names and times of changes, and without what is gone. */
async function projections(database: TestDatabase): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows = async (table: string, condition = 'true') => {
    const found = await query<{ row: string }>(
      database.adminUrl,
      `select (to_jsonb(row) - '{revision,actor,created_at,updated_at}'::text[])::text as row
       from weir.${table} as row where not is_deleted and ${condition} order by key collate "C"`,
    );
    return found.map(({ row }) => row);
  };
  const used = (table: string) => `exists (select from weir.${table} as user_ where not user_.is_deleted
    and (user_.service = row.key or ${table === 'endpoints' ? 'false' : `user_.others @> jsonb_build_array(jsonb_build_object('service', row.key))`}))`;
  const changes = await query<{ row: string }>(
    database.edgeUrl,
    `select kind || ' ' || key || ' ' || body::text as row from weir.changes where body is not null order by kind, key collate "C"`,
  );
  return {
    services: await rows('services', `(${['routes', 'ports', 'endpoints'].map(used).join(' or ')})`),
    routes: await rows('routes'),
    ports: await rows('ports'),
    endpoints: await rows('endpoints'),
    port_pool: await rows('port_pool'),
    domains: await rows('domains'),
    addresses: await rows('addresses'),
    address_pool: await rows('address_pool'),
    policies: await rows('policies'),
    changes: changes.map(({ row }) => row),
  };
}

/** Every name has the record that proves it. */
async function withControl(database: TestDatabase, work: (control: Control) => Promise<void>): Promise<void> {
  const tokens: string[] = [];
  const control = await openControl({
    url: database.controlUrl,
    lookUpTxt: async () => {
      tokens.push(...(await control.listDomains({})).map(({ token }) => `weir-verify=${token}`));
      return { kind: 'found', values: tokens };
    },
  });
  try {
    await work(control);
  } finally {
    await control.close();
  }
}

let emptyDatabases = 0;

/** Migrated, without the domains that a test's database has from the beginning. */
async function emptyDatabase(): Promise<TestDatabase> {
  emptyDatabases += 1;
  const name = `empty_${emptyDatabases}`;
  const { adminUrl, controlUrl, edgeUrl } = postgres.server;
  const on = (url: string, database: string) =>
    Object.assign(new URL(url), { pathname: `/${database}` }).href;
  await query(on(adminUrl, 'postgres'), `create database ${name} template weir`);
  return { adminUrl: on(adminUrl, name), controlUrl: on(controlUrl, name), edgeUrl: on(edgeUrl, name) };
}
