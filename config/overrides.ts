import { emptyMap, isTreeMap, type Layer, type Tree } from './layer.ts';
import type { WrittenConfig } from './schema.ts';

/** Takes what the command line says as one more layer. */
export function overridesLayer(overrides: WrittenConfig): Layer {
  const tree = withoutUndefined(overrides);
  return { tree: isTreeMap(tree) ? tree : {}, sources: new Map(), root: { kind: 'command-line' } };
}

/** A flag that was not given says nothing. */
type Said = string | undefined | null | readonly Said[] | { readonly [key: string]: Said };

function withoutUndefined(said: Said): Tree {
  if (said === undefined || said === null || typeof said === 'string') return said ?? null;
  if (isList(said)) return said.map(withoutUndefined);
  const tree = emptyMap();
  for (const [key, value] of Object.entries(said)) {
    if (value !== undefined) tree[key] = withoutUndefined(value);
  }
  return tree;
}

/** `Array.isArray` does not narrow readonly arrays. */
function isList(said: Said): said is readonly Said[] {
  return Array.isArray(said);
}
