import test from 'ava';
import fc from 'fast-check';
import { formatAddressBlock, isInBlocks, parseAddressBlock } from '../../config/address-block.ts';
import { configOf, linesOf } from './loading.ts';

test('takes single IPv4 addresses and blocks of them', (t) => {
  for (const [text, address, prefix] of [
    ['203.0.113.7', '203.0.113.7', 32],
    ['203.0.113.0/24', '203.0.113.0', 24],
    ['203.0.113.128/25', '203.0.113.128', 25],
    ['203.0.113.7/32', '203.0.113.7', 32],
    ['0.0.0.0/0', '0.0.0.0', 0],
    ['128.0.0.0/1', '128.0.0.0', 1],
  ] as const) {
    t.deepEqual(parseAddressBlock(text), { kind: 'ok', value: { address, prefix } });
  }
  for (const text of [
    '',
    '::1',
    '[::1]',
    '::/0',
    '1.2.3',
    '1.2.3.4/',
    '1.2.3.4/33',
    '1.2.3.4/-1',
    '01.2.3.4',
    'a',
  ]) {
    t.is(parseAddressBlock(text).kind, 'invalid', text);
  }
});

test('says which block was meant where an address has more bits', (t) => {
  t.deepEqual(parseAddressBlock('203.0.113.200/25'), {
    kind: 'invalid',
    problem: 'has bits beyond its first 25; write 203.0.113.128/25',
  });
  t.like(parseAddressBlock('255.0.0.0/1'), { problem: 'has bits beyond its first 1; write 128.0.0.0/1' });
  t.like(parseAddressBlock('1.0.0.0/0'), { problem: 'has bits beyond its first 0; write 0.0.0.0/0' });
});

test('finds an address in a block by comparing bits', (t) => {
  const address = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
  const bits = (parts: readonly number[]) => parts.map((part) => part.toString(2).padStart(8, '0')).join('');
  fc.assert(
    fc.property(address, address, fc.nat(32), (one, other, prefix) => {
      const written = `${one.join('.')}/${prefix}`;
      const parsed = parseAddressBlock(written);
      const meant =
        parsed.kind === 'ok' ? parsed : parseAddressBlock(/write (.*)$/.exec(parsed.problem)?.[1] ?? '');
      if (meant.kind === 'invalid') throw new Error(`${written}: ${meant.problem}`);
      const isSame = bits(one).slice(0, prefix) === bits(other).slice(0, prefix);
      if (isInBlocks(other.join('.'), [meant.value]) !== isSame) throw new Error(`${other} in ${written}`);
      t.deepEqual(parseAddressBlock(formatAddressBlock(meant.value)), meant);
    }),
    { numRuns: 300 },
  );
  t.false(isInBlocks('203.0.113.7', []));
});

const HEAD = 'database: embedded\nlisteners:\n';

test('a tcp listener has dedicated addresses, and no other kind has', async (t) => {
  const yaml = `${HEAD}  - { name: raw, kind: tcp, address: "[::]", ports: 1-2, dedicated: [203.0.113.0/24, 198.51.100.7] }\n`;
  t.like((await configOf(t, { yaml })).listeners[0], {
    dedicated: [
      { address: '203.0.113.0', prefix: 24 },
      { address: '198.51.100.7', prefix: 32 },
    ],
  });
  for (const [item, problem] of [
    [
      'kind: tcp, ports: 1-2, address: "[::]", dedicated: [203.0.113.1/24]',
      /dedicated\[0\]: "203.0.113.1\/24" has bits/,
    ],
    ['kind: tcp, ports: 1-2, address: "[::]", dedicated: 203.0.113.1', /dedicated: must be a list of IPv4/],
    ['kind: tcp, ports: 1-2, address: "[::]", dedicated: [[1.2.3.4]]', /dedicated\[0\]: is a list/],
    ['kind: tcp, ports: 1-2, address: "[::]", dedicated:', /dedicated: has no value/],
    ['kind: tls, address: "[::]:1", dedicated: []', /dedicated: does not belong to a listener of this kind/],
  ] as const) {
    const lines = await linesOf(t, { yaml: `${HEAD}  - { name: raw, ${item} }\n` });
    t.is(lines.length, 1);
    t.regex(lines[0] ?? '', problem);
  }
});
