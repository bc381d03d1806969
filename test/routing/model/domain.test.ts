import { testProp } from '@fast-check/ava';
import test from 'ava';
import fc from 'fast-check';
import {
  childOf,
  DEFAULT_DOMAIN,
  type Domain,
  domainAndAbove,
  domainOf,
  isBelow,
  isTopLevel,
  parseDomain,
} from '../../../routing/model/domain.ts';
import { parseHostPattern } from '../../../routing/model/hostname.ts';

const ACCEPTED = [
  ['example.com', 'example.com'],
  ['WWW.Example.COM.', 'www.example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['com', 'com'],
  ['*', '*'],
] as const;

for (const [text, domain] of ACCEPTED) {
  test(`takes ${text} as the domain ${domain}`, (t) => {
    t.deepEqual(parseDomain(text) as unknown, { kind: 'ok', value: domain });
  });
}

const REFUSED = [
  ['', 'is empty'],
  ['*.example.com', 'is a wildcard; a domain has all names below it anyway'],
  ['*.', 'is a wildcard; a domain has all names below it anyway'],
  ['a.*.example.com', 'has the character "*"'],
  ['**', 'has the character "*"'],
  ['203.0.113.7', 'is an address or ends in a number, not a name'],
  ['example.com/x', 'has the character "/"'],
] as const;

for (const [text, problem] of REFUSED) {
  test(`does not take ${JSON.stringify(text)} as a domain`, (t) => {
    t.deepEqual(parseDomain(text), { kind: 'invalid', problem });
  });
}

test('a wildcard stands for the domain above it, and the default for itself', (t) => {
  const domains = ['*.example.com', 'example.com', '*.com', '*'].map((text) => {
    const pattern = parseHostPattern(text);
    return pattern.kind === 'ok' ? domainOf(pattern.value) : null;
  });
  t.deepEqual(domains as unknown, ['example.com', 'example.com', 'com', '*']);
});

test('the default has nothing above or below it', (t) => {
  t.deepEqual(domainAndAbove(DEFAULT_DOMAIN), [DEFAULT_DOMAIN]);
  t.false(isBelow('example.com' as Domain, DEFAULT_DOMAIN));
  t.false(isBelow(DEFAULT_DOMAIN, 'com' as Domain));
  t.false(isTopLevel(DEFAULT_DOMAIN));
});

test('a name that ends in the same letters is not below', (t) => {
  t.false(isBelow('notexample.com' as Domain, 'example.com' as Domain));
  t.false(isBelow('example.com' as Domain, 'example.com' as Domain));
  t.false(isBelow('com' as Domain, 'example.com' as Domain));
  t.true(isBelow('a.b.example.com' as Domain, 'example.com' as Domain));
});

test('one label is a top-level name', (t) => {
  t.true(isTopLevel('com' as Domain));
  t.false(isTopLevel('example.com' as Domain));
});

/** Labels from the left. */
const labels = fc.array(fc.constantFrom('a', 'b', 'ab', 'xn--p1ai', '1a'), { minLength: 1, maxLength: 5 });
const domainFrom = (parts: readonly string[]) => parts.join('.') as Domain;

testProp('what lies above is what is left when labels are taken away', [labels], (t, parts) => {
  t.deepEqual(
    domainAndAbove(domainFrom(parts)),
    parts.map((_, at) => domainFrom(parts.slice(at))),
  );
});

testProp('is below exactly what has fewer of its last labels', [labels, labels], (t, one, other) => {
  const isSuffix = one.length > other.length && domainFrom(one.slice(-other.length)) === domainFrom(other);
  t.is(isBelow(domainFrom(one), domainFrom(other)), isSuffix);
});

testProp('the child on the way down has one label more', [labels, labels], (t, below, parts) => {
  const above = domainFrom(parts);
  const domain = domainFrom([...below, ...parts]);
  const child = childOf(above, domain);
  t.is(child, domainFrom([...below.slice(-1), ...parts]));
  t.true(isBelow(child, above));
  t.true(child === domain || isBelow(domain, child));
});
