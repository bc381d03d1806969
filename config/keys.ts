import { z } from 'zod';
import { KEY_FACTS, type KeyFacts } from './key.ts';
import { schema } from './schema.ts';

/** A key as the reference lists it. */
export interface KeyEntry extends KeyFacts {
  /** `timeouts.idle`; `listeners[].name` for a key of each item of a list. */
  readonly path: string;
  /** The environment variable that sets it; null within a list, which is set as a whole. */
  readonly variable: string | null;
  /** Whether the value is a list, which a variable holds as YAML. */
  readonly isList: boolean;
}

/** Every key that has a value of its own, in the order of the schema. */
export const KEYS: readonly KeyEntry[] = uniqueByPath([...entries(schema, '')]);

/** The variable that sets the key at a path: `timeouts.idle` → `WEIR_TIMEOUTS_IDLE`. */
function variableOf(path: string): string | null {
  return path.includes('[]') ? null : `WEIR_${path.replaceAll('.', '_').toUpperCase()}`;
}

function* entries(node: unknown, path: string): Generator<KeyEntry> {
  const facts = node instanceof z.ZodType ? KEY_FACTS.get(node) : undefined;
  if (facts !== undefined) yield { path, variable: variableOf(path), isList: isList(node), ...facts };
  if (node instanceof z.ZodPrefault || node instanceof z.ZodOptional) {
    yield* entries(node.def.innerType, path);
  } else if (node instanceof z.ZodUnion) {
    for (const option of node.def.options) yield* entries(option, path);
  } else if (node instanceof z.ZodArray) {
    yield* entries(node.def.element, `${path}[]`);
  } else if (node instanceof z.ZodObject) {
    for (const [name, child] of Object.entries(node.def.shape)) {
      yield* entries(child, path === '' ? name : `${path}.${name}`);
    }
  }
}

function isList(node: unknown): boolean {
  return node instanceof z.ZodPrefault ? isList(node.def.innerType) : node instanceof z.ZodArray;
}

/** The kinds of a listener share keys. */
function uniqueByPath(all: readonly KeyEntry[]): readonly KeyEntry[] {
  return [...new Map(all.map((entry) => [entry.path, entry])).values()];
}
