import { rmSync } from 'node:fs';
import test from 'ava';
import { startEmbeddedPostgres } from '../../../routing/control/embedded-postgres.ts';
import { makeStateDir, silentLog } from '../../support/postgres.ts';
import { Edge } from './edge.ts';
import { Projections } from './projections.ts';

test('goes on with what it knows while the server is dead, and catches up by itself when it is back', async (t) => {
  const stateDir = makeStateDir();
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  // Durable: otherwise the server forgets its last commits, and the edge rightly follows it.
  const options = { stateDir, log: silentLog, isDurable: true };
  const first = await startEmbeddedPostgres(options);
  t.teardown(() => first.stop());
  const before = await Projections.open(t, first.adminUrl);
  await before.route('before.test');
  await before.route('gone.test');
  const edge = await Edge.live(t, { url: first.edgeUrl });

  const say = (m: string) => process.stderr.write(`${Math.round(performance.now())} ${m} ${JSON.stringify(edge.states.at(-1))} ${edge.logged.at(-1)}\n`);
  const timer = setInterval(() => say('tick'), 5000); t.teardown(() => clearInterval(timer));
  process.kill(first.pid, 'SIGKILL');
  await first.exited; say('exited');
  await edge.until(() => edge.subscriber.state.kind === 'stale');
  const { state } = edge.subscriber;
  t.true(state.kind === 'stale' && state.since.getTime() <= Date.now());
  t.deepEqual(edge.routes(), ['tls/before.test', 'tls/gone.test']);

  say('stale');
  const second = await startEmbeddedPostgres(options);
  t.teardown(() => second.stop());
  t.is(second.edgeUrl, first.edgeUrl);
  say('second');
  const after = await Projections.open(t, second.adminUrl);
  await after.route('after.test');
  await after.deleteRoute('gone.test');
  await edge.until(() => edge.hasRoute('after.test') && !edge.hasRoute('gone.test'));
  t.deepEqual(edge.routes(), ['tls/after.test', 'tls/before.test']);
  await edge.until(() => edge.subscriber.state.kind === 'live');
  t.deepEqual(
    edge.states.map((one) => one.kind).filter((kind, at, kinds) => kind !== kinds[at - 1]),
    ['live', 'stale', 'live'],
  );

  say('caught up');
  await after.route('heard.test');
  for (;;) {
    await after.notify();
    if (edge.hasRoute('heard.test')) break;
    await after.run('select pg_sleep(0.05)');
  }
  t.pass('notifications arrive on the new connection');
});
