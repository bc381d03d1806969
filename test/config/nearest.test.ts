import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { editDistance, nearest } from '../../config/nearest.ts';

test('the distance counts insertions, deletions, substitutions and swaps of neighbours', (t) => {
  t.is(editDistance('idle', 'idle'), 0);
  t.is(editDistance('', 'idle'), 4);
  t.is(editDistance('idle', ''), 4);
  t.is(editDistance('idel', 'idle'), 1);
  t.is(editDistance('ilde', 'idle'), 1);
  t.is(editDistance('idl', 'idle'), 1);
  t.is(editDistance('kitten', 'sitting'), 3);
});

test('a name is only suggested when it is near', (t) => {
  const known = ['node', 'engine', 'state_dir', 'listeners'];
  t.is(nearest('nod', known), 'node');
  t.is(nearest('stateDir', known), 'state_dir');
  t.is(nearest('listener', known), 'listeners');
  t.is(nearest('LISTENERS', known), 'listeners');
  t.is(nearest('certificate', known), null);
  t.is(nearest('n'.repeat(100_000), known), null);
});

testProp(
  'the distance is symmetric and at most the longer length',
  [fc.string(), fc.string()],
  (t, one, other) => {
    const distance = editDistance(one, other);
    t.is(distance, editDistance(other, one));
    t.true(distance <= Math.max(one.length, other.length));
    t.is(distance === 0, one === other);
  },
);
