import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { stringify } from 'yaml';
import type { ManifestProblem } from '../../../routing/manifest/document.ts';
import { readFiles } from './reading.ts';
import { document } from './sample-documents.ts';

/** Reads a text, and answers whether everything that it says of it has a place in the text and a message. */
function isAnswered(text: string): boolean {
  const { problems } = readFiles([{ name: 'a.yaml', text }], { platformDomain: 'apps.example' });
  const lines = text.split('\n').length;
  return problems.every(
    ({ line, column, problem }: ManifestProblem) =>
      line >= 1 &&
      line <= lines &&
      column >= 1 &&
      problem !== '' &&
      !/undefined|\[object|Invalid input/.test(problem),
  );
}

const YAML_WORDS = [
  ...'-:?,[]{}#&*!|>\'"%@` \n\t'.split(''),
  ...[
    'apiVersion: ',
    'kind: ',
    'weir/v1',
    'Route',
    'spec:',
    '\n  ',
    '\n    ',
    '- ',
    '---\n',
    '...\n',
    '<<: ',
    '&a ',
    '*a',
  ],
  ...[
    '!!str ',
    '%YAML 1.2\n',
    '\r\n',
    '\0',
    '\ufeff',
    '\u2028',
    '~',
    '5',
    'true',
    'items: ',
    'List',
    'v1',
    '__proto__: ',
  ],
];

const KUBERNETES = ['TLSRoute', 'TCPRoute', 'Gateway', 'GatewayClass', 'ReferenceGrant', 'HTTPRoute'];

testProp('random text never throws', [fc.string({ unit: 'binary', maxLength: 300 })], (t, text) => {
  t.true(isAnswered(text));
});

testProp(
  'random pieces of YAML never throw',
  [fc.array(fc.constantFrom(...YAML_WORDS), { maxLength: 40 })],
  (t, words) => {
    t.true(isAnswered(words.join('')));
    t.true(isAnswered(`apiVersion: weir/v1\nkind: Route\nspec: ${words.join('')}`));
  },
  { numRuns: 1000 },
);

testProp(
  'random values in the place of any document never throw',
  [
    fc.constantFrom(
      'Route',
      'Port',
      'Endpoint',
      'DomainClaim',
      'Address',
      'AddressPool',
      'PortPool',
      'Policy',
      'Workload',
    ),
    fc.jsonValue({ maxDepth: 4 }),
    fc.jsonValue({ maxDepth: 4 }),
  ],
  (t, kind, metadata, spec) => {
    const apiVersion = kind === 'Workload' ? 'zave.io/v1' : 'weir/v1';
    t.true(isAnswered(JSON.stringify({ apiVersion, kind, metadata, spec })));
  },
);

testProp(
  'random values in the place of a document of Kubernetes never throw',
  [fc.constantFrom('v1', 'v1alpha2', 'v9'), fc.constantFrom(...KUBERNETES), fc.jsonValue({ maxDepth: 4 })],
  (t, version, kind, spec) => {
    const apiVersion = `gateway.networking.k8s.io/${version}`;
    t.true(isAnswered(JSON.stringify({ apiVersion, kind, metadata: { name: 'a' }, spec })));
  },
);

testProp(
  'a valid file that was cut off or garbled anywhere never throws',
  [fc.array(document, { minLength: 1, maxLength: 3 }), fc.nat(), fc.constantFrom(...YAML_WORDS, '')],
  (t, documents, at, word) => {
    const text = documents.map((each) => stringify(each)).join('---\n');
    const cut = at % (text.length + 1);
    t.true(isAnswered(text.slice(0, cut)));
    t.true(isAnswered(text.slice(0, cut) + word + text.slice(cut)));
    t.true(isAnswered(text.slice(0, cut) + word + text.slice(cut + 1)));
  },
);

test('a large hostile file is answered', (t) => {
  for (const text of [
    `a: [${'*a,'.repeat(200_000)}]`,
    `a: &a [*a]\nb: [${'*a,'.repeat(200_000)}]`,
    `apiVersion: weir/v1\nkind: Route\nspec:\n${Array.from({ length: 100_000 }, (_, key) => `  k${key}: 1\n`).join('')}`,
    'k: 1\n'.repeat(100_000),
    '- '.repeat(50_000),
    '{a: '.repeat(50_000),
    `"${'\\'.repeat(500_000)}`,
    '%x\n'.repeat(50_000),
    '&a '.repeat(50_000),
    '}'.repeat(50_000),
    `apiVersion: v1\nkind: List\nitems: [${'5,'.repeat(200_000)}]`,
    `apiVersion: v1\nkind: List\nitems: [${'{apiVersion: a, kind: b},'.repeat(50_000)}]`,
  ]) {
    t.true(isAnswered(text), text.slice(0, 20));
  }
});
