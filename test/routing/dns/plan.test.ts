import test from 'ava';
import { type DnsPlan, planOf, planRecords } from '../../../routing/dns/plan.ts';
import { parseName } from '../../../routing/model/name.ts';
import { needsOf, valid, type Wanted } from './needs.ts';

const ZONE_APEX = 'the apex of a zone cannot be a CNAME (RFC 1034 §3.6.2)';

test('without a target every name has the addresses', (t) => {
  t.deepEqual(linesOf({ bound: ['www.example.com', '*.example.org'] }), [
    'www.example.com A 203.0.113.1',
    'www.example.com AAAA 2001:db8::1',
    '*.example.org A 203.0.113.1',
    '*.example.org AAAA 2001:db8::1',
  ]);
});

test('with a target names are its aliases, and only it has the addresses', (t) => {
  t.deepEqual(linesOf({ bound: ['www.example.com', '*.example.org'], target: 'edge.example.net' }), [
    'www.example.com CNAME edge.example.net',
    'edge.example.net A 203.0.113.1',
    'edge.example.net AAAA 2001:db8::1',
    '*.example.org CNAME edge.example.net',
  ]);
});

test('a name that is bound on both listeners has its records once', (t) => {
  const bound = ['www.example.com', 'www.example.com'];
  t.is(linesOf({ bound, addresses: ['203.0.113.1', '203.0.113.1'] }).length, 1);
});

test('the apex of a zone that the org claims has the addresses, and says why', (t) => {
  const { records } = planned({
    bound: ['example.com', 'www.example.com', 'other: www.example.org'],
    claims: [{ domain: 'example.com' }, { domain: 'www.example.org' }],
    target: 'edge.example.net',
    addresses: ['203.0.113.1'],
  });
  t.deepEqual(
    records.map(({ name, type, note }) => [name, type, note]),
    [
      ['example.com', 'A', ZONE_APEX],
      ['www.example.com', 'CNAME', null],
      ['edge.example.net', 'A', 'the edges'],
      ['www.example.org', 'CNAME', null],
    ],
  );
});

test('a name below a platform domain is no apex, though its org holds it', (t) => {
  const claims = [{ domain: 'shop.apps.example', isZone: false }];
  t.deepEqual(
    linesOf({ bound: ['shop.apps.example'], claims, target: 'edge.example.net', addresses: ['203.0.113.1'] }),
    ['shop.apps.example CNAME edge.example.net', 'edge.example.net A 203.0.113.1'],
  );
});

test('the target has the addresses even where it is bound itself', (t) => {
  t.deepEqual(
    linesOf({ bound: ['edge.example.net'], target: 'edge.example.net', addresses: ['203.0.113.1'] }),
    ['edge.example.net A 203.0.113.1'],
  );
});

test('a pending claim needs the TXT record that proves it, and one without a token none', (t) => {
  const claims = [
    { domain: 'example.com', token: 't0ken' },
    { domain: 'example.com', org: 'other', token: 'an0ther' },
    { domain: 'example.org' },
    { domain: '*' },
  ];
  const { records } = planned({ claims });
  t.deepEqual(records.map(line), [
    '_weir-challenge.example.com TXT weir-verify=an0ther',
    '_weir-challenge.example.com TXT weir-verify=t0ken',
  ]);
  t.is(records[1]?.note, "proves that example.com is acme's; not needed once it is held");
});

test('a name that has a TXT record is no alias', (t) => {
  const lines = linesOf({
    bound: ['_weir-challenge.example.com'],
    claims: [{ domain: 'example.com', token: 't' }],
    target: 'edge.example.net',
    addresses: ['203.0.113.1'],
  });
  t.deepEqual(lines.slice(0, 2), [
    '_weir-challenge.example.com A 203.0.113.1',
    '_weir-challenge.example.com TXT weir-verify=t',
  ]);
});

test('what a DNS wildcard leaves out around names that exist gets records of its own, with the reason', (t) => {
  const { records } = planned({
    bound: ['*.example.com', 'other: a.b.example.com'],
    addresses: ['203.0.113.1'],
  });
  const note = 'for *.example.com, which in the DNS ends where names exist (RFC 4592 §2.2.2)';
  t.deepEqual(
    records.map(({ name, org, note: why }) => [name, org, why]),
    [
      ['*.example.com', 'acme', null],
      ['b.example.com', 'acme', note],
      ['*.b.example.com', 'acme', note],
      ['a.b.example.com', 'other', null],
      ['*.a.b.example.com', 'acme', note],
    ],
  );
});

test('a name that only a proof makes exist does not cut a wildcard short', (t) => {
  const wanted = {
    bound: ['*.example.com'],
    claims: [{ domain: 'a.example.com', org: 'other', token: 't' }],
    addresses: ['203.0.113.1'],
  };
  t.deepEqual(linesOf(wanted), [
    '*.example.com A 203.0.113.1',
    'a.example.com A 203.0.113.1',
    '*.a.example.com A 203.0.113.1',
    '_weir-challenge.a.example.com TXT weir-verify=t',
  ]);
});

test('the gaps belong to the nearest wildcard', (t) => {
  const { records } = planned({
    bound: ['*.example.com', 'other: *.b.example.com', 'other: x.a.b.example.com'],
    addresses: ['203.0.113.1'],
  });
  const gaps = records.filter(({ note }) => note !== null);
  t.deepEqual(
    gaps.map(({ name, org }) => `${name} ${org}`),
    ['b.example.com acme', 'a.b.example.com other', '*.a.b.example.com other', '*.x.a.b.example.com other'],
  );
});

test('no record has a name that is too long for the DNS', (t) => {
  const long = [...Array.from({ length: 3 }, () => 'a'.repeat(63)), 'b'.repeat(48), 'example.com'].join('.');
  t.is(long.length, 252);
  const { records } = planned({ bound: ['*.example.com', long] });
  t.true(records.every(({ name }) => name.length <= 253));
});

test("the default of a listener is no name, which is said and not anybody else's", (t) => {
  const plan = planned({ bound: ['*', 'other: www.example.com'] });
  t.is(plan.notes.length, 1);
  t.regex(plan.notes[0]?.text ?? '', /^\* of acme is no name in the DNS/);
  t.true(plan.records.every(({ name }) => name === 'www.example.com'));
  t.deepEqual(planOf(valid(parseName('other')), plan).notes, []);
});

test("one org's plan has what is its own, and what its names point to", (t) => {
  const plan = planned({
    bound: ['www.example.com', 'other: www.example.org'],
    claims: [{ domain: 'example.net', org: 'other', token: 't' }],
    target: 'edge.example.net',
    addresses: ['203.0.113.1'],
  });
  t.deepEqual(planOf(valid(parseName('acme')), plan).records.map(line), [
    'www.example.com CNAME edge.example.net',
    'edge.example.net A 203.0.113.1',
  ]);
});

test('the order is the same whatever the order of what is bound', (t) => {
  const bound = [
    'b.example.com',
    '*.example.com',
    'example.com',
    'a.example.org',
    '_a.example.com',
    'example-a.com',
  ];
  const lines = linesOf({ bound, addresses: ['203.0.113.1'] });
  t.deepEqual(linesOf({ bound: bound.toReversed(), addresses: ['203.0.113.1'] }), lines);
  t.deepEqual(
    [...new Set(lines.map((each) => each.split(' ')[0]))].filter((name) => bound.includes(name ?? '')),
    ['example.com', '*.example.com', '_a.example.com', 'b.example.com', 'example-a.com', 'a.example.org'],
  );
});

function planned(wanted: Wanted): DnsPlan {
  return planRecords(needsOf(wanted));
}

function linesOf(wanted: Wanted): readonly string[] {
  return planned(wanted).records.map(line);
}

function line(record: { readonly name: string; readonly type: string; readonly value: string }): string {
  return `${record.name} ${record.type} ${record.value}`;
}
