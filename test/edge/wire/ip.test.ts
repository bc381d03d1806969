import { isIPv4, isIPv6 } from 'node:net';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { ipv4Bits, ipv6Bytes } from '../../../edge/wire/ip-bytes.ts';
import { ipv4Text, ipv6Text } from '../../../edge/wire/ip-text.ts';

test('IPv4 has four numbers from 0 to 255 without leading zeroes', (t) => {
  t.is(ipv4Bits('0.0.0.0'), 0);
  t.is(ipv4Bits('255.255.255.255'), 0xffffffff);
  t.is(ipv4Bits('192.0.2.1'), 0xc0000201);
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.00',
    '1.2.3.4 ',
    '+1.2.3.4',
    '1.2.3.-4',
    '0x1.2.3.4',
    '1.2.3.1e1',
    '::1.2.3.4',
    '１.2.3.4',
  ]) {
    t.is(ipv4Bits(text), -1, text);
  }
});

const IPV6: readonly (readonly [string, string])[] = [
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['1::', '00010000000000000000000000000000'],
  ['2001:DB8::a', '20010db800000000000000000000000a'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
  ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
  ['1:2:3::5:6:7:8', '00010002000300000005000600070008'],
  ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffffffffffffffffffffffffffffffff'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ['1:2:3:4:5:6:1.2.3.4', '00010002000300040005000601020304'],
  ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
];

test('IPv6 has eight groups, one gap in place of one group at least, and may end like IPv4', (t) => {
  for (const [text, hex] of IPV6) t.is(Buffer.from(ipv6Bytes(text) ?? []).toString('hex'), hex, text);
  for (const text of [
    '',
    ':',
    ':::',
    '1',
    '1:',
    ':1',
    '1::2::3',
    '::1:',
    ':1::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4::5:6:7:8',
    '12345::',
    '00001::',
    'g::',
    '::1.2.3',
    '::1.2.3.256',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::%eth0',
    '::1%1',
    ' ::1',
    '::1 ',
    '1.2.3.4',
  ]) {
    t.is(ipv6Bytes(text), null, text);
  }
});

/** Nearly addresses: what a hostile or careless sender would write. */
const NEARLY = fc
  .array(fc.constantFrom(':', '::', '.', '0', '1', 'ff', '255', 'FFFF', '10000', '%', '192.0.2.1'), {
    maxLength: 16,
  })
  .map((parts) => parts.join(''));

testProp("what is an address and what is not agrees with Node's own test", [NEARLY], (t, text) => {
  t.is(ipv4Bits(text) >= 0, isIPv4(text), text);
  // Node takes a zone, and no other difference is known.
  if (!text.includes('%')) t.is(ipv6Bytes(text) !== null, isIPv6(text), text);
});

testProp(
  'an IPv6 address is written as the URL parser writes it, and read back',
  [fc.ipV6()],
  (t, address) => {
    const bytes = ipv6Bytes(address);
    if (bytes === null) throw new Error(address);
    const text = ipv6Text(bytes, 0);
    if (isIPv4(text)) {
      t.is(ipv4Bits(text), Buffer.from(bytes).readUInt32BE(12));
    } else {
      t.is(`[${text}]`, new URL(`http://[${address}]`).hostname);
      t.deepEqual(ipv6Bytes(text), bytes);
    }
  },
);

test('the longest run of zeroes is left out, of equal ones the first, and never a single group', (t) => {
  for (const [text, canonical] of [
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::FFFF:c000:0201', '192.0.2.1'],
  ] as const) {
    t.is(ipv6Text(ipv6Bytes(text) ?? new Uint8Array(16), 0), canonical, text);
  }
  t.is(ipv4Text(Uint8Array.of(9, 255, 0, 2, 1), 1), '255.0.2.1');
});
