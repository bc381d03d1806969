import test from 'ava';
import { parseOptions } from '../../bench/options.ts';

test('without arguments everything is measured', (t) => {
  const parsed = parseOptions([]);
  if (parsed.kind !== 'ok') return t.fail();
  t.deepEqual(parsed.options.scenarios, [
    'short',
    'bulk',
    'messages',
    'handshakes',
    'keep-alive',
    'idle',
    'rest',
    'changes',
  ]);
  t.is(parsed.options.proxies, null);
  t.is(parsed.options.connections, 30_000);
});

test('scenarios and proxies are lists, and what is said of size beats --quick', (t) => {
  const parsed = parseOptions(['--quick', '--scenario', 'short', '--proxy', 'weir,haproxy', '--rounds', '9']);
  if (parsed.kind !== 'ok') return t.fail();
  t.deepEqual(parsed.options.scenarios, ['short']);
  t.deepEqual(parsed.options.proxies, ['weir', 'haproxy']);
  t.is(parsed.options.rounds, 9);
});

for (const [args, problem] of [
  [['--scenario', 'shrot'], /--scenario shrot: not one of short,/],
  [['--rounds', '0'], /--rounds 0: not a whole number above 0/],
  [['--connections', '1.5'], /--connections 1\.5: not a whole number above 0/],
  [['--fast'], /--fast/],
] as const) {
  test(`${args.join(' ')} is refused with the reason`, (t) => {
    const parsed = parseOptions(args);
    if (parsed.kind !== 'invalid') return t.fail();
    t.regex(parsed.problem, problem);
  });
}
