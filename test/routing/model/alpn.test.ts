import { testProp } from '@fast-check/ava';
import test from 'ava';
import fc from 'fast-check';
import { alpnProblem, alpnSuffix, parseAlpnProtocol, splitAlpnSuffix } from '../../../routing/model/alpn.ts';

test('takes the ids of the IANA registry as they are, upper and lower case apart', (t) => {
  const registered = [
    'h2',
    'h2c',
    'http/1.1',
    'acme-tls/1',
    'stun.nat-discovery',
    'ntske/1',
    'tds/8.0',
    'c-webrtc',
  ];
  for (const id of [...registered, 'H2', 'x~y_z+1:2', '0', '-', 'a'.repeat(255)]) {
    t.deepEqual(parseAlpnProtocol(id) as unknown, { kind: 'ok', value: id });
  }
});

test('takes no id that could be taken for something else where it is written', (t) => {
  const spaces = ['h2 ', ' h2', 'h2\n', 'h 2', 'h2\t', 'h2\u00a0', '\0', 'h2\0'];
  const marks = [
    ',',
    'h2,h3',
    '#',
    '"h2"',
    "'",
    '`',
    '\\',
    '$h',
    'a&b',
    'a;b',
    'a|b',
    'a*',
    'a?',
    '(a',
    '<a',
    '%61',
    '@',
    '=',
    '!',
    '{',
    '[',
    '^',
  ];
  for (const id of ['', ...spaces, ...marks, 'ü', '\x7f', '\x0a\x0a', 'ﬁ', 'a'.repeat(256)]) {
    t.is(parseAlpnProtocol(id).kind, 'invalid', JSON.stringify(id));
  }
});

test('says what is wrong with an id', (t) => {
  t.like(parseAlpnProtocol(''), { problem: 'is empty' });
  t.like(parseAlpnProtocol('a'.repeat(256)), { problem: 'is longer than 255 characters' });
  t.like(parseAlpnProtocol('h2,h3'), {
    problem: 'must be of a-z, A-Z, 0-9, ".", "_", "~", "+", ":", "/" and "-" only',
  });
});

test('a protocol is possible on the tls listener only', (t) => {
  t.is(alpnProblem({ listener: 'tls', alpn: 'h2' }), null);
  t.is(alpnProblem({ listener: 'http', alpn: null }), null);
  t.like(alpnProblem({ listener: 'http', alpn: 'h2' }), {
    field: 'alpn',
    problem: 'is possible on the tls listener only',
  });
});

const id = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 });

testProp('takes an id apart from the name that it was put behind', [fc.option(id)], (t, text) => {
  const parsed = text === null ? null : parseAlpnProtocol(text);
  const alpn = parsed?.kind === 'ok' ? parsed.value : null;
  t.deepEqual(splitAlpnSuffix(`*.example.com${alpnSuffix(alpn)}`) as unknown, {
    pattern: '*.example.com',
    alpn,
  });
});

testProp('takes no byte but its own, whatever else there is', [fc.string({ unit: 'binary' })], (t, text) => {
  const isOwn =
    text.length >= 1 && text.length <= 255 && [...text].every((each) => /^[a-zA-Z0-9._~+:/-]$/.test(each));
  t.is(parseAlpnProtocol(text).kind, isOwn ? 'ok' : 'invalid');
});
