import test from 'ava';
import { median, pairedRatio, percentile, relativeSpread } from '../../bench/measure/statistics.ts';

test('the median is the middle, or the mean of the two in the middle', (t) => {
  t.is(median([3, 1, 2]), 2);
  t.is(median([4, 1, 2, 3]), 2.5);
  t.is(median([]), Number.NaN);
});

test('a percentile is a sample: the nearest rank', (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  t.is(percentile(hundred, 0.99), 99);
  t.is(percentile(hundred, 0.5), 50);
  t.is(percentile([7], 0.99), 7);
  t.is(percentile([], 0.99), Number.NaN);
});

test('the spread is half the range, as a share of the median', (t) => {
  t.is(relativeSpread([90, 100, 110]), 0.1);
});

test('a ratio pairs the samples of one round, so a slow round changes nothing', (t) => {
  t.is(pairedRatio([20, 200, 20], [10, 100, 10]), 2);
  t.is(pairedRatio([20, 20, 999], [10, 10]), 2);
});
