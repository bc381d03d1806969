import test from 'ava';
import { connectionLimit, readProcessLimits } from '../../../edge/process/descriptor-limit.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             95815                95815                processes
Max open files            1064                 1064                 files
`;

test('a worker takes no more connections than it has descriptors for, two each', (t) => {
  t.is(connectionLimit(0, LIMITS), 500);
  t.is(connectionLimit(10_000, LIMITS), 500);
});

test('a lower configured limit holds', (t) => {
  t.is(connectionLimit(100, LIMITS), 100);
});

test('without known limits the configured one is all there is', (t) => {
  t.is(connectionLimit(0, null), 0);
  t.is(connectionLimit(7, 'Max open files            unlimited            unlimited            files'), 7);
});

test('a worker can always take a connection', (t) => {
  t.is(connectionLimit(0, 'Max open files            20                   20                   files'), 1);
});

test('this process has a limit that can be read, on Linux', (t) => {
  t.is(connectionLimit(0, readProcessLimits()) > 0, process.platform === 'linux');
});
