import { parseArgs } from 'node:util';
import { differ } from './differential.ts';

const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '1000000' },
    'openssl-every': { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const begun = performance.now();
const { counts, differences } = await differ({
  mutations: Number(values.mutations),
  opensslEvery: Number(values['openssl-every']),
  seed: Number(values.seed),
});
const lines = Array.from(counts).sort(([, one], [, other]) => other - one);
for (const [line, count] of lines) process.stdout.write(`${String(count).padStart(9)}  ${line}\n`);
process.stdout.write(
  `${values.mutations} mutations in ${((performance.now() - begun) / 1000).toFixed(0)} s\n`,
);
for (const difference of differences) process.stdout.write(`${difference}\n`);
if (differences.length > 0) process.exitCode = 1;
