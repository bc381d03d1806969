import type { z } from 'zod';
import { KEYS } from './keys.ts';
import { formatPath, type Layer, sourceOf } from './layer.ts';
import { nearest } from './nearest.ts';
import type { ConfigProblem } from './problem.ts';
import { quoteKey } from './quote.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Turns what the schema found wrong in a layer into problems that say where it was written and what to write. */
export function problemsOf(issues: readonly Issue[], layer: Layer): readonly ConfigProblem[] {
  return issues.flatMap((issue) => fromIssue(issue, issue.path, layer));
}

function fromIssue(issue: Issue, path: Path, layer: Layer): readonly ConfigProblem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey([...path, key], key, layer));
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((option) => !option.some(isOtherShape));
    if (meant !== undefined)
      return meant.flatMap((inner) => fromIssue(inner, [...path, ...inner.path], layer));
  }
  return [
    { code: 'invalid-value', source: sourceOf(layer, path), path: formatPath(path), message: issue.message },
  ];
}

/** Whether an option of a union was not what the writer meant: a word where a map is, or the other way round. */
function isOtherShape({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

function unknownKey(path: Path, key: string, layer: Layer): ConfigProblem {
  return {
    code: 'unknown-key',
    source: sourceOf(layer, path),
    path: formatPath([...path.slice(0, -1), quoteKey(key)]),
    message: whatWasMeant(path.slice(0, -1), key),
  };
}

function whatWasMeant(parent: Path, key: string): string {
  const inside = parent.map((part) => (typeof part === 'number' ? '[]' : `.${String(part)}`)).join('');
  const siblings = namesIn(inside);
  if (siblings.includes(key)) return 'does not belong to a listener of this kind';
  const near = nearest(key, siblings);
  if (near !== null) return `unknown key; did you mean "${near}"?`;
  const elsewhere = nearestElsewhere(key);
  if (elsewhere !== null) return `unknown key; did you mean ${elsewhere}?`;
  return `unknown key; the keys here are ${siblings.join(', ')}`;
}

/** `idle`, `timeouts_idle` and `idle_timeout` on the top level all mean `timeouts.idle`. */
function nearestElsewhere(key: string): string | null {
  const pathByName = new Map<string, string>();
  for (const { path } of KEYS) {
    const [group, name] = path.split('.');
    if (name === undefined || path.includes('[]')) continue;
    for (const alias of [name, `${group}_${name}`, `${name}_${group}`]) pathByName.set(alias, path);
  }
  const near = nearest(key, [...pathByName.keys()]);
  return near === null ? null : (pathByName.get(near) ?? null);
}

/** The names of the keys in a map, which is given as `.listeners[]`, or empty for the top. */
function namesIn(parent: string): readonly string[] {
  const prefix = `${parent}.`;
  const below = KEYS.map(({ path }) => `.${path}`).filter((path) => path.startsWith(prefix));
  return [...new Set(below.map((path) => path.slice(prefix.length).replace(/[.[].*$/, '')))];
}
