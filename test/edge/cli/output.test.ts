import test from 'ava';
import { table } from '../../../edge/cli/output.ts';

test('a table aligns words to the left and numbers to the right', (t) => {
  const rows = [
    { name: 'a', port: 5 },
    { name: 'longer', port: 20_000 },
  ];

  t.is(
    table(rows, [
      ['NAME', (row) => row.name],
      ['PORT', (row) => row.port],
    ]),
    ['NAME     PORT', 'a           5', 'longer  20000'].join('\n'),
  );
});

test('the last column leaves no spaces behind', (t) => {
  const shown = table([{ name: 'a' }, { name: 'longer' }], [['NAME', (row) => row.name]]);

  t.deepEqual(shown.split('\n'), ['NAME', 'a', 'longer']);
});
