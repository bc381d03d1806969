import test from 'ava';
import { z } from 'zod';
import { readDocuments } from '../../../routing/manifest/read-documents.ts';
import { formatPath, problemAt, validate } from '../../../routing/manifest/validate.ts';
import { linesOf } from './reading.ts';

const INNER = z.strictObject({
  app: z.string(),
  port: z.int().min(1).max(10),
  words: z.array(z.string()).max(2),
});
const SCHEMA = z.strictObject({
  apiVersion: z.literal('t/v1'),
  kind: z.literal('T'),
  spec: z.strictObject({
    text: z.string().min(2).max(4).optional(),
    flag: z.boolean().default(false),
    exposure: z.enum(['public-http', 'internal']).optional(),
    size: z.union([z.int(), z.enum(['none'])]).optional(),
    either: z.union([z.string(), INNER]).optional(),
    shape: z
      .discriminatedUnion('is', [
        z.strictObject({ is: z.literal('round'), radius: z.number().multipleOf(2) }),
        z.strictObject({ is: z.literal('square'), side: z.number() }),
      ])
      .optional(),
    inner: INNER.optional(),
    list: z.array(INNER).min(1).optional(),
    tags: z.record(z.string().regex(/^[a-z]+$/), z.string()).optional(),
    pattern: z.string().regex(/^a+$/).optional(),
    own: z
      .string()
      .refine((text) => text === 'x', { error: 'is not to my liking' })
      .optional(),
  }),
});

function problems(spec: string): readonly string[] {
  const [document] = readDocuments('t.yaml', `apiVersion: t/v1\nkind: T\n${spec}`).documents;
  if (document === undefined) throw new Error(`cannot read ${spec}`);
  const result = validate(document, SCHEMA);
  return result.kind === 'ok' ? [] : linesOf(result.problems);
}

test('answers with the value as the schema reads it, defaults included', (t) => {
  const [document] = readDocuments('t.yaml', 'apiVersion: t/v1\nkind: T\nspec: { text: ab }').documents;
  t.deepEqual(document && validate(document, SCHEMA), {
    kind: 'ok',
    value: { apiVersion: 't/v1', kind: 'T', spec: { text: 'ab', flag: false } },
  });
});

const SAYS: readonly (readonly [string, ...string[]])[] = [
  ['spec:', 't.yaml:3:1 spec has no value; write a map of fields'],
  [
    'other: 1',
    't.yaml:1:1 spec is required',
    't.yaml:3:1 other is not a known field; known here: apiVersion, kind and spec',
  ],
  ['spec: []', 't.yaml:3:1 spec must be a map of fields, but is a list'],
  ['spec: { text: 5 }', 't.yaml:3:9 spec.text must be a text, but is the number 5; put it in quotes'],
  ['spec: { text: true }', 't.yaml:3:9 spec.text must be a text, but is true; put it in quotes'],
  ['spec: { text: {} }', 't.yaml:3:9 spec.text must be a text, but is a map'],
  ['spec: { text: a }', 't.yaml:3:9 spec.text must have at least 2 characters'],
  ['spec: { text: abcde }', 't.yaml:3:9 spec.text must have at most 4 characters'],
  [
    'spec: { flag: "true" }',
    't.yaml:3:9 spec.flag must be true or false, but is the text "true"; leave out the quotes',
  ],
  ['spec: { flag: yes }', 't.yaml:3:9 spec.flag must be true or false, but is the text "yes"'],
  [
    'spec: { exposure: public }',
    't.yaml:3:9 spec.exposure must be public-http or internal, but is the text "public"',
  ],
  [
    'spec: { exposure: public-htpp }',
    't.yaml:3:9 spec.exposure must be public-http or internal, but is the text "public-htpp"; did you mean public-http?',
  ],
  ['spec: { exposure: }', 't.yaml:3:9 spec.exposure has no value; write public-http or internal'],
  ['spec: { size: many }', 't.yaml:3:9 spec.size must be a number or none, but is the text "many"'],
  ['spec: { size: 1.5 }', 't.yaml:3:9 spec.size must be a whole number or none, but is the number 1.5'],
  ['spec: { either: [] }', 't.yaml:3:9 spec.either must be a text or a map of fields, but is a list'],
  [
    'spec: { either: { app: 1, port: 2, words: [] } }',
    't.yaml:3:19 spec.either.app must be a text, but is the number 1; put it in quotes',
  ],
  [
    'spec: { shape: { is: oval } }',
    't.yaml:3:18 spec.shape.is must be round or square, but is the text "oval"',
  ],
  ['spec: { shape: { side: 2 } }', 't.yaml:3:9 spec.shape.is is required; write round or square'],
  ['spec: { shape: { is: round, radius: 3 } }', 't.yaml:3:29 spec.shape.radius must be a multiple of 2'],
  [
    'spec: { shape: { is: square, sid: 3 } }',
    't.yaml:3:30 spec.shape.sid is not a known field; did you mean side?',
  ],
  ['spec: { list: [] }', 't.yaml:3:9 spec.list is empty'],
  ['spec: { list: [~] }', 't.yaml:3:16 spec.list[0] has no value; write a map of fields'],
  [
    'spec:\n  list:\n    - app: a\n      port: "5"\n      words: [a, b, c]',
    't.yaml:6:7 spec.list[0].port must be a number, but is the text "5"; leave out the quotes',
    't.yaml:7:7 spec.list[0].words must have at most 2 items',
  ],
  ['spec: { inner: { app: a, port: 0, words: [] } }', 't.yaml:3:26 spec.inner.port must be at least 1'],
  ['spec: { inner: { app: a, port: 11, words: [] } }', 't.yaml:3:26 spec.inner.port must be at most 10'],
  [
    'spec: { tags: { a: 1 } }',
    't.yaml:3:17 spec.tags.a must be a text, but is the number 1; put it in quotes',
  ],
  ['spec: { tags: { A: b } }', 't.yaml:3:17 spec.tags.A is not a key that is possible here'],
  ['spec: { pattern: b }', 't.yaml:3:9 spec.pattern must be of the form /^a+$/'],
  ['spec: { own: y }', 't.yaml:3:9 spec.own is not to my liking'],
  ['spec: { flga: true }', 't.yaml:3:9 spec.flga is not a known field; did you mean flag?'],
  ['spec: { radius: 1 }', 't.yaml:3:9 spec.radius is not a known field; did you mean spec.shape.radius?'],
  [
    'spec: { inner: { app: a, port: 1, words: [], "a b/c": 1 } }',
    't.yaml:3:46 spec.inner["a b/c"] is not a known field; known here: app, port and words',
  ],
];

for (const [spec, ...expected] of SAYS) {
  test(`says what is wrong with ${JSON.stringify(spec)}`, (t) => {
    t.deepEqual(problems(spec), expected);
  });
}

test('a misspelt field that is required is one problem, not two', (t) => {
  t.deepEqual(problems('spec: { inner: { ap: a, prt: 1, words: [] } }'), [
    't.yaml:3:18 spec.inner.ap is not a known field; did you mean app?',
    't.yaml:3:25 spec.inner.prt is not a known field; did you mean port?',
  ]);
});

test('fields that inherit nothing do not become known by their names', (t) => {
  t.deepEqual(problems('spec: { __proto__: 1, constructor: 2, toString: 3 }').length, 3);
});

test('problems end after fifty of one document, with how many more there are', (t) => {
  const fields = Array.from({ length: 75 }, (_, index) => `  "field ${index}": 1`);
  const all = problems(`spec:\n${fields.join('\n')}`);
  t.is(all.length, 51);
  t.is(all.at(-1), 't.yaml:1:1 25 more problems in this document');
});

test('a value that may be a secret is not shown', (t) => {
  t.deepEqual(problems('spec: { size: "postgres://me:secret@db" }'), [
    't.yaml:3:9 spec.size must be a number or none, but is a text that is not shown',
  ]);
});

test('a problem is where the innermost value is that is there', (t) => {
  const [document] = readDocuments('t.yaml', 'apiVersion: t/v1\nkind: T\nspec:\n  a: [1]').documents;
  t.deepEqual(document && linesOf([problemAt(document, ['spec', 'a', 3, 'b'], 'is required')]), [
    't.yaml:4:3 spec.a[3].b is required',
  ]);
});

test('paths are written as one would, and odd keys in quotes', (t) => {
  t.is(formatPath([]), '');
  t.is(
    formatPath(['metadata', 'labels', 'app.kubernetes.io/name']),
    'metadata.labels["app.kubernetes.io/name"]',
  );
  t.is(formatPath(['spec', 'listeners', 0, 'hostname']), 'spec.listeners[0].hostname');
});
