import { makeStateDir, silentLog } from '../../../support/postgres.ts';
import { startEmbeddedPostgres } from '../../../../routing/control/embedded-postgres.ts';
import { Edge } from '../edge.ts';
import { Projections } from '../projections.ts';
const t = { teardown() {}, pass() {} } as any;
const say = (m: string) => process.stderr.write(m + ' ');
setInterval(() => say('tick'), 3000);
await (async () => {
  const stateDir = makeStateDir();
  const watched = async (name: string, p: Promise<unknown>) => {
    const dog = setTimeout(() => process.stderr.write(`HUNG ${name} ${process.getActiveResourcesInfo()}\n`), 6000);
    await p;
    clearTimeout(dog);
  };
  for (let i = 0; i < 400; i++) {
    say('a');
    const a = await startEmbeddedPostgres({ stateDir, log: silentLog, isDurable: true });
    say('p1');
    const p1 = await Projections.open(t, a.adminUrl);
    say('live');
    const edge = await Edge.live(t, { url: a.edgeUrl });
    process.kill(a.pid, 'SIGKILL');
    await watched('exited', a.exited);
    await watched('stale', edge.until(() => edge.subscriber.state.kind === 'stale'));
    say('b');
    let b;
    for (;;) try { b = await startEmbeddedPostgres({ stateDir, log: silentLog, isDurable: true }); break; } catch { process.stderr.write('again\n'); }
    say('p2');
    const p2 = await Projections.open(t, b.adminUrl);
    say('route');
    await p2.route('heard.test');
    say('loop');
    for (;;) { await p2.notify(); if (edge.hasRoute('heard.test')) break; await p2.run('select pg_sleep(0.05)'); }
    await watched('p2', (p2 as any).end());
    await watched('b.stop', b.stop());
    await watched('edge.stop', edge.subscriber.stop());
    await watched('p1', (p1 as any).end());
    await watched('a.stop', a.stop());
    process.stderr.write(`${i}\n`);
  }
  t.pass();
})();
process.exit(0);
