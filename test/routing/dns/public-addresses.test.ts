import test from 'ava';
import { parsePublicAddress, reportedAddresses } from '../../../routing/dns/public-addresses.ts';

test('an address has one spelling', (t) => {
  const read = (text: string) => {
    const parsed = parsePublicAddress(text);
    return parsed.kind === 'ok' ? parsed.value : parsed.problem;
  };
  t.is(read('203.0.113.1'), '203.0.113.1');
  t.is(read('2001:DB8:0:0::1'), '2001:db8::1');
  t.is(read('::ffff:203.0.113.1'), '203.0.113.1');
  t.is(read('::ffff:cb00:7101'), '203.0.113.1');
  t.is(read('edge.example.net'), 'is not an IPv4 or IPv6 address');
  t.is(read('0.0.0.0'), 'is the unspecified address');
  t.regex(read('fe80::1%eth0'), /zone/);
});

test('the addresses of live edges count once each, and those of silent ones are named', (t) => {
  const known = reportedAddresses([
    { node: 'a', isLive: true, publicAddresses: ['203.0.113.1', '2001:db8::1'] },
    { node: 'b', isLive: true, publicAddresses: ['203.0.113.1', '203.0.113.2'] },
    { node: 'c', isLive: false, publicAddresses: ['203.0.113.3'] },
    { node: 'd', isLive: false, publicAddresses: [] },
  ]);
  t.deepEqual(known.addresses.map(String), ['203.0.113.1', '2001:db8::1', '203.0.113.2']);
  t.deepEqual(known.notes, ['c does not report any more: 203.0.113.3 left out']);
});

test('what an edge reports is not trusted to be addresses', (t) => {
  const publicAddresses = ['', 'x', '::', '203.0.113.9\nevil.example.com. 1 IN A 203.0.113.10'];
  const nodes = [true, false].map((isLive) => ({ node: 'a', isLive, publicAddresses }));
  t.deepEqual(reportedAddresses(nodes), { addresses: [], notes: [] });
});
