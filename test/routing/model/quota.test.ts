import { testProp } from '@fast-check/ava';
import test from 'ava';
import fc from 'fast-check';
import { parseOrgQuota, parseQuota } from '../../../routing/model/quota.ts';

testProp('takes whole numbers, typed or not', [fc.integer({ min: 0, max: 1_000_000 })], (t, quota) => {
  t.deepEqual(parseQuota(quota), { kind: 'ok', value: quota });
  t.deepEqual(parseQuota(String(quota)), { kind: 'ok', value: quota });
  t.deepEqual(parseOrgQuota(quota), { kind: 'ok', value: quota });
});

test('takes none, and of an org default', (t) => {
  t.deepEqual(parseQuota('none'), { kind: 'ok', value: 'none' });
  t.deepEqual(parseOrgQuota('none'), { kind: 'ok', value: 'none' });
  t.deepEqual(parseOrgQuota('default'), { kind: 'ok', value: 'default' });
});

const REFUSED = [
  -1,
  1.5,
  1_000_001,
  '1000001',
  '-1',
  '1.5',
  '1e3',
  ' 1',
  '',
  'unlimited',
  Number.NaN,
  null,
  true,
  [],
  {},
];

for (const input of REFUSED) {
  test(`does not take ${JSON.stringify(input)} (${typeof input}) as a quota`, (t) => {
    t.deepEqual(parseQuota(input), {
      kind: 'invalid',
      problem: 'must be a whole number from 0 to 1000000, or none',
    });
    t.deepEqual(parseOrgQuota(input), {
      kind: 'invalid',
      problem: 'must be a whole number from 0 to 1000000, or none, or default',
    });
  });
}

test('what all orgs have has no default to fall back on', (t) => {
  t.is(parseQuota('default').kind, 'invalid');
});
