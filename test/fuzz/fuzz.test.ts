import test from 'ava';
import { Coverage } from './coverage.ts';
import { differ } from './differential.ts';
import { fuzz } from './fuzzer.ts';
import { loadTargets } from './targets.ts';

/** Of all targets together: the short form of what `npm run fuzz` does for as long as it is told to. */
const SECONDS = 14;
const SEED = Date.now() % 1_000_000;

test.serial('every parser holds for whatever is made of its seeds', async (t) => {
  const coverage = new Coverage();
  t.teardown(() => coverage.close());
  const targets = await loadTargets();
  for (const target of targets) {
    coverage.reset(target.files);
    const report = fuzz(target, { seconds: SECONDS / targets.length, seed: SEED, coverage });
    t.log(`${target.name}, seed ${SEED}: ${report.executions} executions`);
    t.true(report.executions > target.seeds.length);
    t.deepEqual(report.coverage.map(({ file }) => file).toSorted(), target.files.toSorted());
  }
});

test.serial('a changed hello goes by the same name here and in other parsers', async (t) => {
  const { counts, differences } = await differ({ mutations: 2000, opensslEvery: 4, seed: SEED });
  t.deepEqual(differences, []);
  t.true((counts.get('read-tls-client-hello: the same name and protocols') ?? 0) > 100);
  t.true((counts.get('OpenSSL: the same name and protocols') ?? 0) > 20);
});
