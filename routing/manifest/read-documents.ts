import { Composer, type Document, LineCounter, Parser } from 'yaml';
import { z } from 'zod';
import { formatSize } from '../../config/size.ts';
import { syntaxMessage } from '../../config/syntax-message.ts';
import type { ManifestDocument, ManifestProblem, Path, Place } from './document.ts';
import { kindOfValue } from './plain-words.ts';
import { firstProblems, inTextOrder, validate } from './validate.ts';
import { type LocatedValue, readValue } from './yaml-value.ts';

/** What can be read of a file, and what cannot; a document with a problem is not among the documents. */
export interface ReadDocuments {
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly ManifestProblem[];
}

/** What was read takes some forty times the memory of its text. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** `---` alone makes a document, of a kilobyte in memory. */
export const MAX_DOCUMENTS = 100_000;

/**
 * Reads the documents of one file: YAML 1.2, any number of them, and so JSON. Empty documents are skipped; the items
 * of a Kubernetes `List` are documents of their own.
 *
 * Aliases are followed, within bounds. Merge keys (`<<`), tags, other versions of YAML and doubled keys are refused.
 */
export function readDocuments(file: string, text: string): ReadDocuments {
  const top: Place = { file, line: 1, column: 1 };
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    return refused(top, `the file is longer than ${formatSize(MAX_FILE_BYTES)}; split it into several`);
  }

  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });

  const documents: ManifestDocument[] = [];
  const problems: ManifestProblem[] = [];
  let count = 0;
  for (const parsed of composer.compose(parser.parse(text))) {
    count += 1;
    if (count > MAX_DOCUMENTS) {
      const { problems: tooMany } = refused(
        at(parsed.range[0]),
        `the file has more than ${MAX_DOCUMENTS} documents; split it into several`,
      );
      return { documents, problems: inTextOrder([...problems, ...tooMany]) };
    }
    const read = readOne(parsed, at);
    for (const document of read.documents) documents.push(document);
    for (const problem of read.problems) problems.push(problem);
  }
  return { documents, problems: inTextOrder(problems) };
}

type Locate = (offset: number) => Place;

function readOne(parsed: Document.Parsed, at: Locate): ReadDocuments {
  const syntax = syntaxProblems(parsed, at);
  const start = at(parsed.range[0]);
  if (syntax.length > 0) return { documents: [], problems: firstProblems(syntax, start) };
  const { directives } = parsed;
  if (directives.yaml.explicit && directives.yaml.version !== '1.2') {
    const problem = `this is YAML ${directives.yaml.version} by its own account; remove that line and write YAML 1.2`;
    return refused(start, problem);
  }
  const { located, problems } = readValue(parsed.contents, at);
  if (problems.length > 0) return { documents: [], problems: firstProblems(problems, start) };
  return located.value === null ? { documents: [], problems: [] } : manifestsOf(located, at);
}

/** The first on each line: one slip makes the parser stumble more than once. */
function syntaxProblems(parsed: Document.Parsed, at: Locate): ManifestProblem[] {
  const byLine = new Map<number, ManifestProblem>();
  const slips = [...parsed.errors, ...parsed.warnings].toSorted((one, other) => one.pos[0] - other.pos[0]);
  for (const { code, pos } of slips) {
    const place = at(pos[0]);
    if (byLine.has(place.line)) continue;
    byLine.set(place.line, { ...place, path: '', problem: syntaxMessage(code) });
  }
  return [...byLine.values()];
}

/** What every document has, whatever else is in it. */
const ENVELOPE = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
});

const LIST = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('List'),
  metadata: z.unknown().optional(),
  items: z.array(z.unknown()),
});

function manifestsOf(located: LocatedValue, at: Locate): ReadDocuments {
  const { value } = located;
  const place = (path: Path) => at(offsetAt(located, path));
  if (!isMap(value)) {
    const problem = `a document has to be a map with an apiVersion and a kind, but this is ${kindOfValue(value)}`;
    return refused(place([]), problem);
  }
  const unchecked: ManifestDocument = { apiVersion: '', kind: '', value, place };
  const envelope = validate(unchecked, ENVELOPE);
  if (envelope.kind === 'invalid') return { documents: [], problems: envelope.problems };
  const { apiVersion, kind } = envelope.value;
  const document: ManifestDocument = { ...unchecked, apiVersion, kind };
  return kind === 'List' ? itemsOf(document, located, at) : { documents: [document], problems: [] };
}

function itemsOf(document: ManifestDocument, located: LocatedValue, at: Locate): ReadDocuments {
  const list = validate(document, LIST);
  if (list.kind === 'invalid') return { documents: [], problems: list.problems };
  const items = [...(located.parts?.get('items')?.parts?.values() ?? [])];
  const read = items.map((item) => manifestsOf(item, at));
  return {
    documents: read.flatMap(({ documents }) => documents),
    problems: read.flatMap(({ problems }) => problems),
  };
}

function offsetAt(located: LocatedValue, path: Path): number {
  let inner = located;
  for (const part of path) {
    const next = inner.parts?.get(part);
    if (next === undefined) break;
    inner = next;
  }
  return inner.offset;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(place: Place, problem: string): ReadDocuments {
  return { documents: [], problems: [{ ...place, path: '', problem }] };
}
