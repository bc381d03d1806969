import { fc, testProp } from '@fast-check/ava';
import { planRecords } from '../../../routing/dns/plan.ts';
import { needsOf, type Wanted } from './needs.ts';
import { resolve } from './resolve.ts';

const name = (labels: string) =>
  fc
    .array(fc.constantFrom(...labels), { minLength: 1, maxLength: 4 })
    .map((chosen) => [...chosen, 'test'].join('.'));
const pattern = fc.oneof(
  name('abc'),
  name('abc').map((base) => `*.${base}`),
);

const world = fc.record({
  bound: fc.array(
    fc.tuple(fc.constantFrom('acme', 'other'), pattern).map(([org, each]) => `${org}: ${each}`),
    { maxLength: 8 },
  ),
  claims: fc.uniqueArray(
    fc.record({
      domain: name('abc'),
      org: fc.constantFrom('acme', 'other'),
      token: fc.constantFrom(undefined, 't'),
      isZone: fc.boolean(),
    }),
    { maxLength: 4, selector: ({ domain, org }) => `${org}/${domain}` },
  ),
  target: fc.option(fc.oneof(name('abc'), fc.constant('edge.example.net')), { nil: undefined }),
});

testProp(
  'a name leads to the edges exactly if weir takes it',
  [world, fc.array(name('abcd'), { minLength: 20, maxLength: 20 })],
  (t, wanted, names) => {
    const { records } = planRecords(needsOf(wanted as Wanted));
    for (const each of names) {
      const isTaken = wanted.bound.some((text) => takes(text.replace(/^.*: /, ''), each));
      const isExpected = isTaken || each === wanted.target;
      const addresses = resolve(records, each);
      t.deepEqual(addresses, isExpected ? ['203.0.113.1', '2001:db8::1'] : [], each);
    }
  },
  { numRuns: 1_000 },
);

testProp(
  'no record stands beside an alias, and none twice',
  [world],
  (t, wanted) => {
    const { records } = planRecords(needsOf(wanted as Wanted));
    for (const alias of records.filter(({ type }) => type === 'CNAME')) {
      t.is(records.filter((each) => each.name === alias.name).length, 1, alias.name);
    }
    const lines = records.map(
      (each) => `${each.name} ${each.type} ${each.value} ${each.type === 'TXT' && each.org}`,
    );
    t.is(new Set(lines).size, lines.length);
  },
  { numRuns: 500 },
);

function takes(each: string, asked: string): boolean {
  return each.startsWith('*.') ? asked.endsWith(each.slice(1)) : each === asked;
}
