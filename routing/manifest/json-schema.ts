import { z } from 'zod';
import type { DocumentKind } from './document-kind.ts';

/** JSON Schema as plain data. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * One JSON Schema (draft 2020-12) for a document of any of the kinds, told apart by `apiVersion` and `kind`.
 *
 * Editors take it by `# yaml-language-server: $schema=weir.schema.json` in a file's first line.
 */
export function manifestJsonSchema(kinds: readonly DocumentKind[]): JsonSchema {
  const names = kinds.map(nameOf);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A document of weir apply',
    type: 'object',
    properties: {
      apiVersion: { enum: [...new Set(kinds.map(({ apiVersion }) => apiVersion))] },
      kind: { enum: [...new Set(kinds.map(({ kind }) => kind))] },
    },
    required: ['apiVersion', 'kind'],
    oneOf: names.map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: Object.fromEntries(kinds.map((kind) => [nameOf(kind), definitionOf(kind)])),
  };
}

/** `weir.v1.Route`: a name that needs no escape in a reference. */
function nameOf({ apiVersion, kind }: DocumentKind): string {
  return `${apiVersion.replaceAll('/', '.')}.${kind}`;
}

/** Kinds that share a schema, being versions of one thing, are told apart here. */
function definitionOf({ apiVersion, kind, about, schema }: DocumentKind): JsonSchema {
  const { $schema: _, ...definition } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const envelope = { apiVersion: { const: apiVersion }, kind: { const: kind } };
  const properties = { ...definition.properties, ...envelope };
  return { title: kind, description: about, ...definition, properties };
}
