import { KEYS } from './keys.ts';
import type { ConfigProblem, Source } from './problem.ts';

/** Configuration as written, before it is decoded: text, maps and lists. Null is a key without a value. */
export type Tree = string | null | readonly Tree[] | TreeMap;
export interface TreeMap {
  readonly [key: string]: Tree;
}

/** Keys of maps and indices of lists. */
export type Path = readonly (string | number)[];

/** All that one source said. */
export interface Layer {
  readonly tree: TreeMap;
  /** Where each path (`formatPath`) was said. */
  readonly sources: ReadonlyMap<string, Source>;
  /** What to name for a path that is not in `sources`. */
  readonly root: Source;
}

/** A layer as far as it could be read, and what could not. */
export interface ReadLayer {
  readonly layer: Layer;
  readonly problems: readonly ConfigProblem[];
}

/** `['listeners', 1, 'address']` → `listeners[1].address`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Where a path, or else the nearest thing around it, was said in a layer. */
export function sourceOf(layer: Layer, path: readonly PropertyKey[]): Source {
  for (let length = path.length; length > 0; length -= 1) {
    const source = layer.sources.get(formatPath(path.slice(0, length)));
    if (source !== undefined) return source;
  }
  return layer.root;
}

/**
 * Lays one tree over another: maps key by key, everything else (words, lists) as a whole.
 *
 * A group without a value (`timeouts:` with every line below it commented out) says nothing.
 */
export function overlay(lower: TreeMap, upper: TreeMap, path: Path = []): TreeMap {
  const merged: Record<string, Tree> = emptyMap();
  for (const [key, value] of [...Object.entries(lower), ...Object.entries(upper)]) {
    const below = merged[key];
    const here = [...path, key];
    if (value === null && GROUPS.has(formatPath(here))) continue;
    merged[key] = isTreeMap(value) ? overlay(isTreeMap(below) ? below : emptyMap(), value, here) : value;
  }
  return merged;
}

/** The last layer to say anything at a path; for an item of a list that is the layer that has the list. */
export function sayerOf(path: Path, layers: readonly Layer[]): Layer | undefined {
  return layers.findLast(({ tree }) => valueAt(tree, path.slice(0, 2)) !== undefined);
}

function valueAt(tree: Tree | undefined, [part, ...rest]: Path): Tree | undefined {
  if (part === undefined) return tree;
  if (isTreeMap(tree)) return valueAt(tree[part], rest);
  return Array.isArray(tree) ? valueAt(tree[Number(part)], rest) : undefined;
}

/** Where each key's value in the overlaid tree is from, by path; keys that nobody set are not in it. */
export function sourcesOf(written: TreeMap, layers: readonly Layer[]): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const { path } of KEYS) {
    const parts = path.split('.');
    const value = valueAt(written, parts);
    const layer = value === undefined || isTreeMap(value) ? undefined : sayerOf(parts, layers);
    if (layer !== undefined) sources.set(path, sourceOf(layer, parts));
  }
  return sources;
}

/** A map that inherits nothing, so that a key called `__proto__` is just another unknown key. */
export function emptyMap(): Record<string, Tree> {
  return Object.create(null);
}

export function isTreeMap(tree: Tree | undefined): tree is TreeMap {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree);
}

/** The paths of the keys whose value is nothing but a map of keys. */
const GROUPS: ReadonlySet<string> = new Set(
  KEYS.filter(({ path }) => !path.includes('['))
    .flatMap(({ path }) => path.split('.').map((_, depth, names) => names.slice(0, depth).join('.')))
    .filter((group) => group !== '' && KEYS.every(({ path }) => path !== group)),
);
