import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { readDocuments } from '../../../routing/manifest/read-documents.ts';
import { linesOf } from './reading.ts';

/** Documents as JSON has them: maps of YAML inherit nothing. */
function read(text: string) {
  const { documents, problems } = readDocuments('a.yaml', text);
  return {
    documents,
    values: documents.map(({ value }) => JSON.parse(JSON.stringify(value))),
    problems: linesOf(problems),
  };
}

test('reads every document of a file and skips those without a value', (t) => {
  const { documents, values, problems } = read(`# nothing above
---
apiVersion: weir/v1
kind: Route
spec: { hostname: www.example.com }
---
# only a comment
---
~
---
apiVersion: weir/v1
kind: Port
...
`);
  t.deepEqual(problems, []);
  t.deepEqual(
    documents.map(({ apiVersion, kind }) => [apiVersion, kind]),
    [
      ['weir/v1', 'Route'],
      ['weir/v1', 'Port'],
    ],
  );
  t.deepEqual(values[0], { apiVersion: 'weir/v1', kind: 'Route', spec: { hostname: 'www.example.com' } });
});

test('a file without documents is no problem', (t) => {
  for (const text of ['', '\n', '# a comment\n', '---\n---\n', '\ufeff']) {
    t.deepEqual(read(text), { documents: [], values: [], problems: [] }, JSON.stringify(text));
  }
});

test('reads JSON, also with tabs and across lines', (t) => {
  const value = {
    apiVersion: 'weir/v1',
    kind: 'Route',
    spec: { a: [1, true, null, 'x\n"y" \u2028'], 'b c': {} },
  };
  for (const text of [
    JSON.stringify(value),
    JSON.stringify(value, null, '\t'),
    JSON.stringify(value, null, 2),
  ]) {
    const { values, problems } = read(text);
    t.deepEqual({ values, problems }, { values: [value], problems: [] });
  }
});

test('a text stays what YAML 1.2 takes it for', (t) => {
  const { values } = read(
    '{ apiVersion: a, kind: b, c: [no, on, 0o17, 017, 1e3, 2001-01-01, "5", ~, 1_000] }',
  );
  t.deepEqual(values[0].c, ['no', 'on', 15, 17, 1000, '2001-01-01', '5', null, '1_000']);
});

test('says where each value is: at its key, at the item of a list, or around what is not there', (t) => {
  const [document] = read(`apiVersion: weir/v1
kind: Route
spec:
  others:
    - app: shop
    - { app: api,
        env: qa }
`).documents;
  const at = (...path: (string | number)[]) => {
    const { line, column } = document?.place(path) ?? {};
    return `${line}:${column}`;
  };
  t.is(at(), '1:1');
  t.is(at('kind'), '2:1');
  t.is(at('spec'), '3:1');
  t.is(at('spec', 'others', 0), '5:7');
  t.is(at('spec', 'others', 1, 'env'), '7:9');
  t.is(at('spec', 'others', 1, 'process'), '6:7');
  t.is(at('spec', 'others', 7, 'process'), '4:3');
  t.is(at('metadata', 'name'), '1:1');
});

test('takes the items of a List for documents, where they are', (t) => {
  const { documents, problems } = read(`apiVersion: v1
kind: List
metadata: { resourceVersion: "" }
items:
  - apiVersion: weir/v1
    kind: Route
    spec: { hostname: a }
  - apiVersion: v1
    kind: List
    items:
      - { apiVersion: weir/v1, kind: Port, spec: {} }
`);
  t.deepEqual(problems, []);
  t.deepEqual(
    documents.map(({ kind, place }) => [kind, place([]), place(['spec', 'hostname'])]),
    [
      ['Route', { file: 'a.yaml', line: 5, column: 5 }, { file: 'a.yaml', line: 7, column: 13 }],
      ['Port', { file: 'a.yaml', line: 11, column: 9 }, { file: 'a.yaml', line: 11, column: 44 }],
    ],
  );
});

test('follows aliases, each to the anchor that was the last above it', (t) => {
  const { values, documents, problems } = read(`apiVersion: weir/v1
kind: Route
a: &x { n: 1, inner: &y [2] }
b: *x
y: *y
c: &x 3
d: [*x, { e: *x }]
`);
  t.deepEqual(problems, []);
  t.deepEqual(values[0].b, { n: 1, inner: [2] });
  t.deepEqual(values[0].y, [2]);
  t.deepEqual(values[0].d, [3, { e: 3 }]);
  t.is(documents[0]?.place(['b']).line, 4);
  t.is(documents[0]?.place(['b', 'inner']).line, 3);
});

test('an anchor does not reach into the next document', (t) => {
  t.deepEqual(read('{ apiVersion: a, kind: b, c: &x 1 }\n---\n{ apiVersion: a, kind: b, c: *x }').problems, [
    'a.yaml:3:27 c is an alias that stands for an anchor that is not above it',
  ]);
});

const HEAD = 'apiVersion: weir/v1\nkind: Route\n';

const REFUSED: readonly (readonly [string, string])[] = [
  ['- a\n', 'a.yaml:1:1 a document has to be a map with an apiVersion and a kind, but this is a list'],
  ['\n  five\n', 'a.yaml:2:3 a document has to be a map with an apiVersion and a kind, but this is a text'],
  ['5', 'a.yaml:1:1 a document has to be a map with an apiVersion and a kind, but this is a number'],
  ['kind: Route', 'a.yaml:1:1 apiVersion is required'],
  ['apiVersion: weir/v1', 'a.yaml:1:1 kind is required'],
  ['apiVersion: weir/v1\nkind:', 'a.yaml:2:1 kind has no value; write a text'],
  ['apiVersion: weir/v1\nkind: ""', 'a.yaml:2:1 kind is empty'],
  [
    'apiVersion: 1\nkind: Route',
    'a.yaml:1:1 apiVersion must be a text, but is the number 1; put it in quotes',
  ],
  [`${HEAD}spec: { a: 1, a: 2 }`, 'a.yaml:3:15 spec.a is written twice; keep one'],
  [`${HEAD}kind: Port`, 'a.yaml:3:1 kind is written twice; keep one'],
  [`${HEAD}a: &a {}\nb: { <<: *a }`, 'a.yaml:4:6 b["<<"] merge keys are not supported; write the fields out'],
  [`${HEAD}a: &a [*a]`, 'a.yaml:3:8 a[0] is an alias that stands for itself'],
  [`${HEAD}a: { [b]: c }`, 'a.yaml:3:6 a has a key that is not one word'],
  [`${HEAD}a: { ~: c }`, 'a.yaml:3:6 a has a key that is not one word'],
  [
    `${HEAD}a: !secret b`,
    'a.yaml:3:4 tags ("!…") are not supported; a value that starts with ! needs quotes',
  ],
  [
    `${HEAD}a: !!set {b}`,
    'a.yaml:3:4 tags ("!…") are not supported; a value that starts with ! needs quotes',
  ],
  [`${HEAD}\ta: b`, 'a.yaml:3:1 a tab is used for indentation; use spaces'],
  [`${HEAD}a: [1, 2`, 'a.yaml:3:9 the indentation is wrong, or a bracket is not closed'],
  [
    `%YAML 1.1\n---\n${HEAD}`,
    'a.yaml:2:1 this is YAML 1.1 by its own account; remove that line and write YAML 1.2',
  ],
  ['apiVersion: v1\nkind: List\nitem: []', 'a.yaml:3:1 item is not a known field; did you mean items?'],
  ['apiVersion: v2\nkind: List\nitems: []', 'a.yaml:1:1 apiVersion must be v1, but is the text "v2"'],
  [
    'apiVersion: v1\nkind: List\nitems: [5]',
    'a.yaml:3:9 a document has to be a map with an apiVersion and a kind, but this is a number',
  ],
];

for (const [text, problem] of REFUSED) {
  test(`refuses ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(read(text), { documents: [], values: [], problems: [problem] });
  });
}

test('a document that is no YAML does not hide what is wrong with the others', (t) => {
  const { documents, problems } = read(`${HEAD}---\nkind: Route\n---\na: "b\n---\n${HEAD}a: 1\na: 2\n`);
  t.is(documents.length, 1);
  t.deepEqual(problems, [
    'a.yaml:4:1 apiVersion is required',
    'a.yaml:12:1 a quote, bracket, colon or comma is missing before this; addresses need quotes: "[::]:443"',
  ]);
});

test('a bomb of aliases is refused before it goes off', (t) => {
  const rows = [...'bcdefghi'].map(
    (key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`)}]`,
  );
  const text = `${HEAD}a: &a [${Array(9).fill('x')}]\n${rows.join('\n')}`;
  t.deepEqual(read(text).problems, ['a.yaml:7:8 the aliases up to here stand for more than 10000 values']);
});

test('deep nesting is refused, by whichever way it comes', (t) => {
  t.deepEqual(read(`${HEAD}a: ${'['.repeat(70)}${']'.repeat(70)}`).problems, [
    'a.yaml:3:68 this is nested more than 64 deep',
  ]);
  const nested = Array.from({ length: 80 }, (_, index) => `k${index + 1}: &a${index + 1} [*a${index}]`);
  t.deepEqual(read(`${HEAD}k0: &a0 x\n${nested.join('\n')}`).problems.slice(0, 1), [
    'a.yaml:4:10 this is nested more than 64 deep',
  ]);
  t.deepEqual(read('['.repeat(100_000)).problems.length, 1);
  t.deepEqual(read('? '.repeat(100_000)).problems.length, 1);
});

test('a file that is too long, or has too many documents, is refused', (t) => {
  t.deepEqual(read('#'.repeat(16 * 1024 * 1024 + 1)).problems, [
    'a.yaml:1:1 the file is longer than 16MiB; split it into several',
  ]);
  t.deepEqual(read('---\n'.repeat(100_001)).problems, [
    'a.yaml:100001:1 the file has more than 100000 documents; split it into several',
  ]);
});

test('a key is only a key, whatever JavaScript makes of its name', (t) => {
  const { documents } = read('{ apiVersion: a, kind: b, __proto__: { x: 1 }, constructor: 2 }');
  t.deepEqual(Object.keys(documents[0]?.value ?? {}), ['apiVersion', 'kind', '__proto__', 'constructor']);
  t.is(documents[0]?.value['x'], undefined);
});

testProp('what was written as JSON is read as it was', [fc.jsonValue({ maxDepth: 4 })], (t, spec) => {
  const value = { apiVersion: 'weir/v1', kind: 'Route', spec };
  const text = JSON.stringify(value);
  t.deepEqual(read(text).problems, []);
  t.is(JSON.stringify(read(text).values[0]), JSON.stringify(JSON.parse(text)));
});
