import { testProp } from '@fast-check/ava';
import test from 'ava';
import fc from 'fast-check';
import { parseHostname, parseHostPattern } from '../../../routing/model/hostname.ts';

const LABEL_63 = 'a'.repeat(63);
/** 253 characters: three labels of 63, one of 61, three dots. */
const NAME_253 = `${LABEL_63}.${LABEL_63}.${LABEL_63}.${'a'.repeat(61)}`;

const ACCEPTED = [
  ['www.example.com', 'www.example.com'],
  ['WWW.Example.COM', 'www.example.com'],
  ['www.example.com.', 'www.example.com'],
  ['localhost', 'localhost'],
  ['_sip._tcp.example.com', '_sip._tcp.example.com'],
  ['_', '_'],
  ['a-b.example', 'a-b.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
  ['1.2.3.4a', '1.2.3.4a'],
  ['123.example', '123.example'],
  ['0x7f', '0x7f'],
  [`${LABEL_63}.example`, `${LABEL_63}.example`],
  [NAME_253, NAME_253],
  [`${NAME_253}.`, NAME_253],
] as const;

for (const [text, name] of ACCEPTED) {
  test(`takes ${shown(text)} as a name`, (t) => {
    t.deepEqual(parseHostname(text) as unknown, { kind: 'ok', value: name });
  });
}

const REFUSED = [
  ['', 'is empty'],
  ['.', 'is empty'],
  ['..', 'has an empty label'],
  ['.example.com', 'has an empty label'],
  ['www..example.com', 'has an empty label'],
  ['www.example.com..', 'has an empty label'],
  ['-www.example.com', 'has a label that starts or ends with a hyphen'],
  ['www-.example.com', 'has a label that starts or ends with a hyphen'],
  ['www.example.com-', 'has a label that starts or ends with a hyphen'],
  ['-', 'has a label that starts or ends with a hyphen'],
  [`${LABEL_63}a.example`, 'has a label longer than 63 characters'],
  [`${NAME_253}a`, 'is longer than 253 characters'],
  [`${'a.'.repeat(127)}a`, 'is longer than 253 characters'],
  ['127.0.0.1', 'is an address or ends in a number, not a name'],
  ['1', 'is an address or ends in a number, not a name'],
  ['example.123', 'is an address or ends in a number, not a name'],
  ['127.1.', 'is an address or ends in a number, not a name'],
  ['::1', 'has the character ":"'],
  ['[::1]', 'has the character "["'],
  ['2001:db8::1', 'has the character ":"'],
  ['www.example.com:443', 'has the character ":"'],
  ['two words', 'has the character space'],
  [' www.example.com', 'has the character space'],
  ['www.example.com\0', 'has the character U+0000'],
  ['www.example.com\0.evil.example', 'has the character U+0000'],
  ['www.exam\nple.com', 'has the character U+000A'],
  ['bücher.example', 'has the character U+00FC'],
  ['www。example.com', 'has the character U+3002'],
  ['*.example.com', 'has the character "*"'],
  ['a/b', 'has the character "/"'],
  ['a%00b', 'has the character "%"'],
  ['user@host', 'has the character "@"'],
] as const;

for (const [text, problem] of REFUSED) {
  test(`does not take ${shown(text)} as a name`, (t) => {
    t.deepEqual(parseHostname(text), { kind: 'invalid', problem });
  });
}

const PATTERNS = [
  ['*', '*'],
  ['*.example.com', '*.example.com'],
  ['*.EXAMPLE.com.', '*.example.com'],
  ['*.com', '*.com'],
  ['www.example.com', 'www.example.com'],
  ['Bücher.example', 'xn--bcher-kva.example'],
  ['*.bücher.example', '*.xn--bcher-kva.example'],
  ['faß.example', 'xn--fa-hia.example'],
  ['www。example。com', 'www.example.com'],
  ['ＷＷＷ.example', 'www.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
] as const;

for (const [text, pattern] of PATTERNS) {
  test(`takes ${shown(text)} as a pattern`, (t) => {
    t.deepEqual(parseHostPattern(text) as unknown, { kind: 'ok', value: pattern });
  });
}

for (const text of [
  '',
  '.',
  '**',
  '*.',
  '*..example.com',
  '*example.com',
  'www.*.example.com',
  '*.*.example.com',
  '*.-a.example',
  '*.127.0.0.1',
  '１２７.0.0.1',
  '*.bücher example',
  'bü\0cher.example',
  'http://bücher.example/',
  'bücher.example/path',
  'bücher.example:443',
  'bücher.example?x',
  'b%C3%BCcher.ü.example',
  'ü%2eexample',
  'ü／path.example',
  'ü\\example',
  'ü@bücher.example',
  `${'ü'.repeat(60)}.example`,
]) {
  test(`does not take ${shown(text)} as a pattern`, (t) => {
    t.is(parseHostPattern(text).kind, 'invalid');
  });
}

const label = fc.stringMatching(/^[A-Za-z0-9_]([A-Za-z0-9_-]{0,20}[A-Za-z0-9_])?$/);
const hostname = fc
  .array(label, { minLength: 1, maxLength: 6 })
  .map((labels) => labels.join('.'))
  .filter((name) => !/(?:^|\.)[0-9]+$/.test(name));

testProp('takes every name that is made by the rules', [hostname, fc.boolean()], (t, name, hasDot) => {
  t.deepEqual(parseHostname(hasDot ? `${name}.` : name) as unknown, {
    kind: 'ok',
    value: name.toLowerCase(),
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '_', '.', '*', 'ü', '\0', ' ') }),
);

testProp('answers with names that it takes again unchanged', [anyText], (t, text) => {
  const name = parseHostname(text);
  if (name.kind === 'ok') {
    t.deepEqual(parseHostname(name.value), name);
    t.deepEqual(parseHostPattern(name.value) as unknown, name);
    t.regex(name.value, /^[a-z0-9_.-]{1,253}$/);
  }
  const pattern = parseHostPattern(text);
  if (pattern.kind === 'ok') t.deepEqual(parseHostPattern(pattern.value), pattern);
  t.pass();
});

testProp(
  'has one form for all spellings of a name',
  [hostname, fc.infiniteStream(fc.boolean())],
  (t, name, upper) => {
    const spelt = Array.from(name, (letter) =>
      upper.next().value ? letter.toUpperCase() : letter.toLowerCase(),
    ).join('');
    t.deepEqual(parseHostname(spelt), parseHostname(name));
  },
);

function shown(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length <= 60 ? quoted : `${quoted.slice(0, 40)}… (${text.length} characters)`;
}
