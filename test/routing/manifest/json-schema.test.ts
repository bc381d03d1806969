import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { manifestJsonSchema } from '../../../routing/manifest/json-schema.ts';
import { PLAIN_KINDS } from '../../../routing/manifest/read-manifests.ts';
import { linesOf, readFiles } from './reading.ts';
import { document } from './sample-documents.ts';
import { violations } from './schema-check.ts';

const SCHEMA = manifestJsonSchema(PLAIN_KINDS);

test('it is one document of draft 2020-12 that tells the kinds apart', (t) => {
  t.is(SCHEMA.$schema, 'https://json-schema.org/draft/2020-12/schema');
  t.deepEqual(SCHEMA.properties?.['apiVersion'], { enum: ['weir/v1', 'zave.io/v1'] });
  t.deepEqual(
    SCHEMA.oneOf?.map(({ $ref }) => $ref),
    Object.keys(SCHEMA.$defs ?? {}).map((name) => `#/$defs/${name}`),
  );
  t.deepEqual(Object.keys(SCHEMA.$defs ?? {}), [
    'weir.v1.Route',
    'weir.v1.Port',
    'weir.v1.Endpoint',
    'weir.v1.DomainClaim',
    'weir.v1.Address',
    'weir.v1.AddressPool',
    'weir.v1.PortPool',
    'weir.v1.Policy',
    'zave.io.v1.Workload',
  ]);
  t.deepEqual(JSON.parse(JSON.stringify(SCHEMA)), SCHEMA);
});

test('editors get descriptions, words, defaults, ranges and patterns', (t) => {
  const route = SCHEMA.$defs?.['weir.v1.Route'];
  t.like(route, {
    title: 'Route',
    description: 'Binds a hostname to a service.',
    type: 'object',
    required: ['apiVersion', 'kind', 'spec'],
    additionalProperties: false,
    properties: {
      apiVersion: { const: 'weir/v1' },
      kind: { const: 'Route' },
      spec: {
        required: ['hostname', 'service', 'backendPort'],
        properties: {
          hostname: { type: 'string', examples: ['www.example.com', '*.example.com'] },
          listener: { enum: ['tls', 'http'], default: 'tls' },
          alpn: { type: 'string', examples: ['acme-tls/1', 'h2'] },
          backendPort: { type: 'integer', minimum: 1, maximum: 65_535 },
          service: {
            required: ['app', 'env', 'process'],
            properties: { app: { pattern: '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$' } },
          },
        },
      },
    },
  });
  t.like(SCHEMA.$defs?.['zave.io.v1.Workload'], {
    properties: {
      spec: { properties: { env: { default: 'production' }, exposure: { enum: { length: 4 } } } },
    },
  });
});

test('every field has a description', (t) => {
  const bare: string[] = [];
  const look = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const fields = 'properties' in node && typeof node.properties === 'object' ? (node.properties ?? {}) : {};
    for (const [name, field] of Object.entries(fields)) {
      if (!('description' in field)) bare.push(`${path}.${name}`);
      look(field, `${path}.${name}`);
      if (typeof field.items === 'object') look(field.items, `${path}.${name}[]`);
    }
  };
  for (const [name, definition] of Object.entries(SCHEMA.$defs ?? {})) look(definition, name);
  const isEnvelope = (path: string) => /\.(?:apiVersion|kind|metadata|spec)$/.test(path);
  t.deepEqual(
    bare.filter((path) => !isEnvelope(path)),
    [],
  );
});

testProp('what is accepted is valid by the schema', [document], (t, value) => {
  const { problems } = readFiles([{ name: 'a.json', text: JSON.stringify(value) }], {
    platformDomain: 'apps.example',
  });
  t.deepEqual(linesOf(problems), []);
  t.deepEqual(violations(value, SCHEMA), []);
});

testProp(
  'what the schema refuses is refused',
  [document, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), fc.jsonValue({ maxDepth: 1 })],
  (t, value, way, other) => {
    const changed = changedAt(value, way, other);
    const { problems } = readFiles([{ name: 'a.json', text: JSON.stringify(changed) }], {
      platformDomain: 'apps.example',
    });
    if (problems.length === 0) t.deepEqual(violations(changed, SCHEMA), []);
    else t.pass();
  },
  { numRuns: 500 },
);

/** Puts something else in the place that a list of choices leads to. */
function changedAt(value: unknown, [choice, ...way]: readonly number[], other: unknown): unknown {
  if (choice === undefined || typeof value !== 'object' || value === null) return other;
  const keys = [...Object.keys(value), 'another'];
  const key = keys[choice % keys.length] ?? '';
  const inner = changedAt(Reflect.get(value, key), way, other);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? inner : item));
  return { ...value, [key]: inner };
}
