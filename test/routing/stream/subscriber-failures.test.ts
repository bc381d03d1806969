import test from 'ava';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { Edge, heard } from './edge.ts';
import { PostgresProxy } from './postgres-proxy.ts';
import { Projections } from './projections.ts';

let postgres: TestPostgres;
let stopPostgres: (() => Promise<void>) | undefined;
test.before(async () => {
  postgres = await startTestPostgres({
    after: (stop) => {
      stopPostgres = stop;
    },
  });
});
test.after.always(() => stopPostgres?.());

test('catches up by the timer and warns once when notifications are lost', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  const proxy = await PostgresProxy.open(t, edgeUrl);
  proxy.dropsNotifications = true;
  const edge = await Edge.live(t, { url: proxy.url, pollIntervalMs: 100 });
  await projections.route('unheard.test');
  await projections.notify();
  await edge.until(() => edge.hasRoute('unheard.test'));
  await edge.until(() => edge.hasLogged('notifications do not arrive'));
  t.true(edge.hasLogged('changes are taken by polling every 100 ms'));

  proxy.dropsNotifications = false;
  await projections.notify();
  await edge.until(() => edge.hasLogged('notifications arrive again'));
  t.is(edge.logged.filter((message) => message.includes('do not arrive')).length, 1);
});

test('comes back from cut connections with what changed meanwhile', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  const proxy = await PostgresProxy.open(t, edgeUrl);
  const edge = await Edge.live(t, { url: proxy.url });
  for (const name of ['one.test', 'two.test', 'three.test']) {
    await heard(edge, projections);
    proxy.cut();
    await projections.route(name);
    await edge.until(() => edge.hasRoute(name));
  }
  t.deepEqual(edge.routes(), ['tls/one.test', 'tls/three.test', 'tls/two.test']);
});

test('gives up on a server that no longer answers, and on one that never does, and comes back', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  const proxy = await PostgresProxy.open(t, edgeUrl);
  const timeouts = { connectMs: 300, queryMs: 300 };
  const edge = await Edge.live(t, { url: proxy.url, pollIntervalMs: 100, timeouts });
  proxy.isSilent = true;
  await edge.until(() => edge.subscriber.state.kind === 'stale');
  await edge.until(() => edge.states.length > 2);
  await projections.route('meanwhile.test');
  proxy.isSilent = false;
  await edge.until(() => edge.subscriber.state.kind === 'live');
  t.true(edge.hasRoute('meanwhile.test'));
  t.true(edge.states.some((state) => state.kind === 'stale' && /Query read timeout/.test(state.problem)));
  t.true(edge.states.some((state) => state.kind === 'stale' && /timeout expired/.test(state.problem)));
});

test('goes on where it may not report itself', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  await projections.run('revoke all on weir.nodes from weir_edge');
  const edge = await Edge.live(t, { url: edgeUrl });
  await edge.until(() => edge.hasLogged('heartbeat failed'));
  await projections.route('a.test');
  await projections.notify();
  await edge.until(() => edge.hasRoute('a.test'));
  t.pass();
});

for (const { fact, spoil, says } of [
  {
    fact: 'a wrong password',
    spoil: (url: string) => Object.assign(new URL(url), { password: 'wrong-secret' }).href,
    says: /does not accept this user and password/,
  },
  {
    fact: 'a database that is not there',
    spoil: (url: string) => Object.assign(new URL(url), { pathname: '/nowhere' }).href,
    says: /database "nowhere" does not exist/,
  },
  {
    fact: 'a port that refuses',
    spoil: (url: string) => Object.assign(new URL(url), { host: '127.0.0.1:1' }).href,
    says: /ECONNREFUSED/,
  },
  { fact: 'a URL that is none', spoil: () => 'postgres://[', says: /./ },
]) {
  test(`says what is wrong with ${fact}, without the password, and tries on`, async (t) => {
    const { edgeUrl } = await postgres.createDatabase();
    const url = spoil(edgeUrl);
    const edge = new Edge(t, { url });
    edge.subscriber.start();
    await edge.until(() => edge.states.length > 0);
    const { state } = edge.subscriber;
    t.is(state.kind, 'connecting');
    const problem = state.kind === 'live' ? '' : (state.problem ?? '');
    t.regex(problem, says);
    const password = URL.canParse(url) ? new URL(url).password : 'x'.repeat(99);
    t.false([problem, ...edge.logged].join().includes(password));
  });
}

test('does not serve from a schema of another version, and takes it up once it is ours', async (t) => {
  const { adminUrl, edgeUrl } = await postgres.createDatabase();
  const projections = await Projections.open(t, adminUrl);
  await projections.route('a.test');
  await projections.run(`insert into weir.migrations (name, run_on) values ('9999_later', now())`);
  const edge = new Edge(t, { url: edgeUrl });
  edge.subscriber.start();
  await edge.until(() => edge.states.length > 0);
  t.is(edge.store.size, 0);
  t.regex(JSON.stringify(edge.subscriber.state), /schema version 9999/);
  await projections.run(`delete from weir.migrations where name = '9999_later'`);
  await edge.until(() => edge.subscriber.state.kind === 'live');
  t.true(edge.hasRoute('a.test'));
});

test('stops at once, whether it is live, connecting or waiting to try again', async (t) => {
  const { edgeUrl } = await postgres.createDatabase();
  const live = await Edge.live(t, { url: edgeUrl });
  const connecting = new Edge(t, { url: edgeUrl });
  connecting.subscriber.start();
  const refused = new Edge(t, { url: 'postgres://127.0.0.1:1/none' });
  refused.subscriber.start();
  await refused.until(() => refused.states.length > 0);
  const start = performance.now();
  await Promise.all([live, connecting, refused].map((edge) => edge.subscriber.stop()));
  t.true(performance.now() - start < 1_000);
});
