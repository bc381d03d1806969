import test from 'ava';
import { createSpliceEngine } from '../../../../edge/engine/splice/engine.ts';
import { connect, readAll, startTestServer } from '../../../support/tcp.ts';
import { until } from '../../../support/until.ts';
import { addonForTests } from '../addon.ts';
import { startEngine } from '../harness.ts';

const addon = addonForTests();
const ifBuilt = addon.kind === 'loaded' ? test.serial : test.serial.skip;

ifBuilt('a direction that has ended holds no pipe, and the next stream has it', async (t) => {
  if (addon.kind !== 'loaded') return;
  const create = createSpliceEngine(addon.native);
  const backend = await startTestServer(t);
  const engines: ReturnType<typeof create>[] = [];
  const edge = await startEngine(
    t,
    (host, limits) => {
      const engine = create(host, limits);
      engines.push(engine);
      return engine;
    },
    { candidates: [backend] },
  );
  const much = Buffer.alloc(3 * 1024 * 1024, 'x');
  for (let count = 1; count <= 4; count += 1) {
    const client = await connect(t, edge);
    const accepting = backend.accept();
    client.end(much);
    t.is((await readAll(await accepting)).length, much.length);
    // The backend says nothing, so the connection lives on, half closed.
    await until('the end', () => engines[0]?.liveConnections === count);
    t.is(engines[0]?.held().pipes, 1);
  }
});
