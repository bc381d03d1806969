import test from 'ava';
import { ExtensionTypes } from '../../../edge/wire/extension-types.ts';

test('every type is new once, in any order', (t) => {
  for (const step of [1, 257, 40_503]) {
    const types = new ExtensionTypes();
    for (let count = 0; count < 65_536; count += 1) {
      if (!types.add((count * step) & 0xffff)) return t.fail(`${count} by ${step} is not new`);
    }
    for (let type = 0; type < 65_536; type += 1) {
      if (types.add(type)) return t.fail(`${type} is new again`);
    }
  }
  t.pass();
});

test('a type that is there twice is found, however few there are', (t) => {
  for (const type of [0, 31, 32, 63, 64, 0x0a0a, 0xfafa, 0xff01, 0xfe0d, 0xca34, 0xabcd, 0xffff]) {
    const types = new ExtensionTypes();
    t.true(types.add(type));
    t.true(types.add(type ^ 1));
    t.false(types.add(type));
  }
});
