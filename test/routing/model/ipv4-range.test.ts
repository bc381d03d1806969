import { BlockList } from 'node:net';
import { testProp } from '@fast-check/ava';
import test from 'ava';
import fc from 'fast-check';
import {
  ipv4Address,
  ipv4Number,
  isInRange,
  overlaps,
  parseIpv4Range,
  rangeText,
} from '../../../routing/model/ipv4-range.ts';

const ACCEPTED = [
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7-203.0.113.7', '203.0.113.7'],
  ['203.0.113.8-203.0.113.15', '203.0.113.8-203.0.113.15'],
  ['203.0.113.8/29', '203.0.113.8-203.0.113.15'],
  ['203.0.113.8/32', '203.0.113.8'],
  ['10.0.0.0/8', '10.0.0.0-10.255.255.255'],
  ['255.255.255.0/24', '255.255.255.0-255.255.255.255'],
  ['128.0.0.0-255.255.255.255', '128.0.0.0-255.255.255.255'],
] as const;

for (const [text, range] of ACCEPTED) {
  test(`takes ${text} as the range ${range}`, (t) => {
    const parsed = parseIpv4Range(text);
    t.is(parsed.kind === 'ok' ? rangeText(parsed.value) : parsed.problem, range);
  });
}

const REFUSED = [
  '',
  '-',
  '203.0.113.7-',
  '-203.0.113.7',
  '203.0.113.7-203.0.113.6',
  '203.0.113.1-203.0.113.2-203.0.113.3',
  '203.0.113.0/29-203.0.113.8',
  '203.0.113.0-203.0.113.8/29',
  '203.0.113.0/29/30',
  '203.0.113.0/',
  '203.0.113.0/033',
  '203.0.113.0/33',
  '203.0.113.0/-1',
  '203.0.113.0/0',
  '0.0.0.0/8',
  '10.0.0.0/7',
  '203.0.113.1/29',
  '203.0.113.256',
  '203.0.113',
  '0xcb.0.113.7',
  ' 203.0.113.7',
  '203.0.113.7 - 203.0.113.8',
  '::1',
  '::ffff:203.0.113.7',
  'fd00::/64',
  'localhost',
];

for (const text of REFUSED) {
  test(`does not take ${JSON.stringify(text)} as a range`, (t) => {
    const parsed = parseIpv4Range(text);
    t.is(parsed.kind, 'invalid');
    if (parsed.kind === 'invalid') t.regex(parsed.problem, /^\S.*[^.]$/);
  });
}

test('says which block was meant', (t) => {
  t.deepEqual(parseIpv4Range('203.0.113.12/29'), {
    kind: 'invalid',
    problem: 'does not begin a /29; write 203.0.113.8/29',
  });
});

/** 0.0.0.0 is no address to listen on. */
const number = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const range = fc.tuple(number, number).map(([one, other]) => ({
  first: ipv4Address(Math.min(one, other)),
  last: ipv4Address(Math.max(one, other)),
}));

testProp('an address is a number and back', [number], (t, value) => {
  t.is(ipv4Number(ipv4Address(value)), value);
});

testProp('a range is read back as it is written', [range], (t, written) => {
  t.deepEqual(parseIpv4Range(rangeText(written)), { kind: 'ok', value: written });
});

testProp(
  'a block has the addresses that the system says',
  [number, fc.integer({ min: 8, max: 32 }), number],
  (t, value, prefix, other) => {
    const size = 2 ** (32 - prefix);
    const base = ipv4Address(value - (value % size));
    fc.pre(base !== '0.0.0.0');
    const parsed = parseIpv4Range(`${base}/${prefix}`);
    if (parsed.kind === 'invalid') return t.fail(parsed.problem);
    const list = new BlockList();
    list.addSubnet(base, prefix);
    t.is(isInRange(ipv4Address(other), parsed.value), list.check(ipv4Address(other)));
    t.true(isInRange(parsed.value.first, parsed.value) && isInRange(parsed.value.last, parsed.value));
  },
);

testProp('ranges overlap where an end of one lies in the other', [range, range], (t, one, other) => {
  const isMet =
    isInRange(one.first, other) ||
    isInRange(one.last, other) ||
    isInRange(other.first, one) ||
    isInRange(other.last, one);
  t.is(overlaps(one, other), isMet);
  t.is(overlaps(other, one), isMet);
});
