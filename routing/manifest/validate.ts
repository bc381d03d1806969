import type { z } from 'zod';
import { nearest } from '../../config/nearest.ts';
import { quoteKey } from '../../config/quote.ts';
import type { ManifestDocument, ManifestProblem, Path, Place } from './document.ts';
import { fieldElsewhere, fieldsAt } from './known-fields.ts';
import { inPlainWords, orList } from './plain-words.ts';

/** A document's value as a schema reads it, or everything that is wrong with it, in the order of the text. */
export type Validated<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  | { readonly kind: 'invalid'; readonly problems: readonly ManifestProblem[] };

/** A generated file can be wrong in a million places; nobody reads on after this many. */
const MAX_PROBLEMS = 50;

/**
 * Holds a document against a schema, which knows every field that may be there (`z.strictObject`).
 *
 * A message that the schema gives itself (`error`) is shown as it is; it is a clause that goes after the path.
 */
export function validate<Schema extends z.ZodType>(
  document: ManifestDocument,
  schema: Schema,
): Validated<z.output<Schema>> {
  const result = schema.safeParse(document.value, { error: inPlainWords });
  if (result.success) return { kind: 'ok', value: result.data };
  const slips = result.error.issues.flatMap((issue) => slipsOf(issue, []));
  const shown = withoutEchoes(slips.slice(0, MAX_PROBLEMS).map((slip) => found(slip, schema)));
  const problems = inTextOrder(shown.map(({ path, problem }) => problemAt(document, path, problem)));
  const more = moreProblems(slips.length, document.place([]));
  return { kind: 'invalid', problems: [...problems, ...more] };
}

/** The first of a document's problems, and how many more there are. */
export function firstProblems(
  problems: readonly ManifestProblem[],
  place: Place,
): readonly ManifestProblem[] {
  return [...problems.slice(0, MAX_PROBLEMS), ...moreProblems(problems.length, place)];
}

/** Says what is wrong with the value at a path; `problem` is a clause that goes after the path. */
export function problemAt(document: ManifestDocument, path: Path, problem: string): ManifestProblem {
  return { ...document.place(path), path: formatPath(path), problem };
}

/** `['spec', 'listeners', 0, 'hostname']` → `spec.listeners[0].hostname`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = quoteKey(part);
    if (key !== part) return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** Problems of one file by line and column; what is at the same place stays in its order. */
export function inTextOrder(problems: readonly ManifestProblem[]): ManifestProblem[] {
  return problems.toSorted((one, other) => one.line - other.line || one.column - other.column);
}

function moreProblems(count: number, place: Place): readonly ManifestProblem[] {
  const rest = count - MAX_PROBLEMS;
  return rest > 0 ? [{ ...place, path: '', problem: `${rest} more problems in this document` }] : [];
}

type Issue = z.core.$ZodIssue;

/** One thing that the schema found; `unknown` where the path is that of a field which it does not have. */
type Slip =
  | { readonly kind: 'wrong'; readonly path: Path; readonly problem: string; readonly isMissing: boolean }
  | { readonly kind: 'unknown'; readonly path: Path };

function slipsOf(issue: Issue, above: Path): readonly Slip[] {
  const path = [...above, ...pathOf(issue)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ kind: 'unknown', path: [...path, key] }));
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors
      .filter((option) => !option.some(isOtherShape))
      .reduce<Issue[] | null>((best, option) => (best && best.length <= option.length ? best : option), null);
    if (meant !== null) return meant.flatMap((inner) => slipsOf(inner, path));
  }
  const isMissing = issue.message.startsWith('is required');
  return [{ kind: 'wrong', path, problem: issue.message, isMissing }];
}

/** Whether an option of a union was not what the writer meant: a text where a map is, another word. */
function isOtherShape({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

function pathOf({ path }: Issue): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

interface Found {
  readonly path: Path;
  readonly problem: string;
  readonly isMissing: boolean;
  /** The path of the field that was most likely meant. */
  readonly meant: string | null;
}

function found(slip: Slip, schema: z.ZodType): Found {
  if (slip.kind === 'wrong') return { ...slip, meant: null };
  const parent = slip.path.slice(0, -1);
  const name = String(slip.path.at(-1));
  const siblings = fieldsAt(schema, parent);
  // A right name at the wrong place is nearer than any misspelt one.
  const elsewhere = fieldElsewhere(schema, name);
  const near = elsewhere === null ? nearest(name, siblings) : null;
  const likely = elsewhere ?? near;
  const known =
    likely !== null
      ? `did you mean ${likely}?`
      : siblings.length > 0
        ? `known here: ${orList(siblings, 'and')}`
        : 'nothing can be written here';
  return {
    path: slip.path,
    problem: `is not a known field; ${known}`,
    isMissing: false,
    meant: near === null ? null : formatPath([...parent, near]),
  };
}

/** A misspelt field is missing too, which nobody needs to be told twice. */
function withoutEchoes(all: readonly Found[]): readonly Found[] {
  const meant = new Set(all.map((one) => one.meant));
  return all.filter(({ isMissing, path }) => !isMissing || !meant.has(formatPath(path)));
}
