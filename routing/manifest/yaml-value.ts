import { type Alias, isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { ManifestProblem, Path, Place } from './document.ts';
import { formatPath } from './validate.ts';

/** A value of YAML as plain data, and where it and its parts were written. */
export interface LocatedValue {
  readonly value: unknown;
  /** Of its key in a map, else of itself. */
  readonly offset: number;
  /** By key or index; null for what has no parts. */
  readonly parts: ReadonlyMap<string | number, LocatedValue> | null;
}

/** Anchors of anchors multiply ("billion laughs"): this many values may come by aliases into one document. */
const MAX_ALIASED_VALUES = 10_000;

/** Deeper than any document that is known here, and far from the end of the stack. */
const MAX_DEPTH = 64;

/**
 * Turns a node into plain data, following aliases. Maps inherit nothing, so that a key `__proto__` is a key like others.
 *
 * What it answers with is of use only where there are no problems.
 */
export function readValue(
  root: unknown,
  at: (offset: number) => Place,
): { readonly located: LocatedValue; readonly problems: readonly ManifestProblem[] } {
  const walk: Walk = {
    path: [],
    anchored: new Map(),
    targets: new Map(),
    open: new Set(),
    aliasDepth: 0,
    aliased: 0,
    problems: [],
    report: (offset, path, problem) => {
      walk.problems.push({ ...at(offset), path: formatPath(path), problem });
    },
  };
  const located = read(root, offsetOf(root), walk);
  return { located, problems: walk.problems };
}

interface Walk {
  readonly path: (string | number)[];
  /** The last node to have each anchor, as far as the walk has come. */
  readonly anchored: Map<string, unknown>;
  /** What each alias stood for when it was first met: an anchor can be given away again later. */
  readonly targets: Map<Alias, unknown>;
  /** The nodes around the present one. */
  readonly open: Set<unknown>;
  aliasDepth: number;
  aliased: number;
  readonly problems: ManifestProblem[];
  readonly report: (offset: number, path: Path, problem: string) => void;
}

function read(node: unknown, offset: number, walk: Walk): LocatedValue {
  const nothing: LocatedValue = { value: null, offset, parts: null };
  if (walk.aliasDepth > 0) walk.aliased += 1;
  if (walk.aliased > MAX_ALIASED_VALUES) return nothing;
  if (walk.path.length > MAX_DEPTH) {
    walk.report(offset, [], `this is nested more than ${MAX_DEPTH} deep`);
    return nothing;
  }
  if (isAlias(node)) return followed(node, offset, walk);
  if (isScalar(node)) {
    if (node.anchor && walk.aliasDepth === 0) walk.anchored.set(node.anchor, node);
    return { value: node.value, offset, parts: null };
  }
  if (!isMap(node) && !isSeq(node)) return nothing;

  if (node.anchor && walk.aliasDepth === 0) walk.anchored.set(node.anchor, node);
  walk.open.add(node);
  const located = isMap(node) ? readMap(node, offset, walk) : readList(node.items, offset, walk);
  walk.open.delete(node);
  return located;
}

function followed(alias: Alias, offset: number, walk: Walk): LocatedValue {
  const nothing: LocatedValue = { value: null, offset, parts: null };
  if (!walk.targets.has(alias)) walk.targets.set(alias, walk.anchored.get(alias.source));
  const target = walk.targets.get(alias);
  if (target === undefined || walk.open.has(target)) {
    const why = target === undefined ? 'stands for an anchor that is not above it' : 'stands for itself';
    walk.report(offset, walk.path, `is an alias that ${why}`);
    return nothing;
  }
  const wasWithin = walk.aliased <= MAX_ALIASED_VALUES;
  walk.aliasDepth += 1;
  const located = read(target, offset, walk);
  walk.aliasDepth -= 1;
  if (wasWithin && walk.aliased > MAX_ALIASED_VALUES && walk.aliasDepth === 0) {
    walk.report(offset, [], `the aliases up to here stand for more than ${MAX_ALIASED_VALUES} values`);
  }
  return located;
}

function readList(items: readonly unknown[], offset: number, walk: Walk): LocatedValue {
  const parts = new Map<number, LocatedValue>();
  items.forEach((item, index) => {
    walk.path.push(index);
    parts.set(index, read(item, offsetOf(item), walk));
    walk.path.pop();
  });
  return { value: [...parts.values()].map(({ value }) => value), offset, parts };
}

function readMap(map: YAMLMap, offset: number, walk: Walk): LocatedValue {
  const parts = new Map<string, LocatedValue>();
  const value: Record<string, unknown> = Object.create(null);
  for (const pair of map.items) {
    const keyOffset = offsetOf(pair.key);
    const key = keyOf(pair);
    if (key === null) {
      walk.report(keyOffset, walk.path, 'has a key that is not one word');
      continue;
    }
    walk.path.push(key);
    if (parts.has(key)) {
      walk.report(keyOffset, walk.path, 'is written twice; keep one');
    } else if (key === '<<') {
      walk.report(keyOffset, walk.path, 'merge keys are not supported; write the fields out');
    } else {
      const located = read(pair.value, keyOffset, walk);
      parts.set(key, located);
      value[key] = located.value;
    }
    walk.path.pop();
  }
  return { value, offset, parts };
}

/** As it was written, so that the key `1.0` is not `1`. */
function keyOf({ key }: Pair): string | null {
  if (!isScalar(key) || key.value === null) return null;
  return isPlain(key) && key.source !== undefined ? key.source : String(key.value);
}

function isPlain({ value }: Scalar): boolean {
  return typeof value !== 'string';
}

function offsetOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
}
