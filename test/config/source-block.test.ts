import { BlockList, SocketAddress } from 'node:net';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { formatSourceBlock, parseSourceBlock } from '../../config/source-block.ts';

test('takes single addresses and blocks of both families', (t) => {
  for (const [text, family, address, prefix] of [
    ['203.0.113.7', 'ipv4', '203.0.113.7', 32],
    ['10.0.0.0/8', 'ipv4', '10.0.0.0', 8],
    ['0.0.0.0/0', 'ipv4', '0.0.0.0', 0],
    ['::1', 'ipv6', '::1', 128],
    ['::/0', 'ipv6', '::', 0],
    ['2001:DB8:0:0::/32', 'ipv6', '2001:db8::', 32],
    ['2001:db8:8000::/33', 'ipv6', '2001:db8:8000::', 33],
    ['fd00:1:2:3:4:5:6:7', 'ipv6', 'fd00:1:2:3:4:5:6:7', 128],
    // A dual-stack socket's view of IPv4.
    ['::ffff:10.0.0.0/104', 'ipv4', '10.0.0.0', 8],
    ['::ffff:c000:201', 'ipv4', '192.0.2.1', 32],
    ['::ffff:0:0/96', 'ipv4', '0.0.0.0', 0],
  ] as const) {
    t.deepEqual(parseSourceBlock(text), { kind: 'ok', value: { family, address, prefix } }, text);
  }
});

test('refuses what is no block, and says which one was meant where there are more bits', (t) => {
  for (const text of [
    '',
    'a',
    '1.2.3',
    '1.2.3.4/33',
    '1.2.3.4/',
    '::/129',
    '::/',
    '::/x',
    '::/1/2',
    '[::1]',
    ':::',
    'fe80::1%eth0',
  ])
    t.is(parseSourceBlock(text).kind, 'invalid', text);
  t.like(parseSourceBlock('10.1.0.0/8'), { problem: 'has bits beyond its first 8; write 10.0.0.0/8' });
  t.like(parseSourceBlock('2001:db8::1/64'), {
    problem: 'has bits beyond its first 64; write 2001:db8::/64',
  });
  t.like(parseSourceBlock('::1/0'), { problem: 'has bits beyond its first 0; write ::/0' });
});

testProp('the block that is meant by an address has it', [fc.ipV6(), fc.nat(128)], (t, text, prefix) => {
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const parsed = parseSourceBlock(`${address}/${prefix}`);
  const meant =
    parsed.kind === 'ok' ? parsed : parseSourceBlock(/write (.*)$/.exec(parsed.problem)?.[1] ?? '');
  if (meant.kind === 'invalid') throw new Error(meant.problem);
  t.deepEqual(parseSourceBlock(formatSourceBlock(meant.value)), meant);
  const list = new BlockList();
  list.addSubnet(meant.value.address, meant.value.prefix, meant.value.family);
  t.true(list.check(address, 'ipv6'));
});
