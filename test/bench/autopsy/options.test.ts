import test from 'ava';
import { parseAutopsyOptions } from '../../../bench/autopsy/options.ts';

test('without arguments each load names its proxies', (t) => {
  const parsed = parseAutopsyOptions([]);
  if (parsed.kind !== 'ok') return t.fail();
  t.deepEqual(parsed.options.loads, ['short', 'download', 'upload']);
  t.is(parsed.options.proxies, null);
});

for (const [args, problem] of [
  [['--load', 'idle'], /--load idle: not one of short,/],
  [['--proxy', 'direct'], /--proxy direct: not one of weir,/],
  [['--connections', '0'], /--connections 0: not a whole number above 0/],
  [['--gigabytes', '0.5'], /--gigabytes 0\.5: not a whole number above 0/],
  [['--rounds', '3'], /--rounds/],
] as const) {
  test(`${args.join(' ')} is refused`, (t) => {
    const parsed = parseAutopsyOptions(args);
    if (parsed.kind !== 'invalid') return t.fail();
    t.regex(parsed.problem, problem);
  });
}
