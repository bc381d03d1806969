import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { emptyMap, formatPath, type Tree } from './layer.ts';
import type { ConfigProblem, Position, Source } from './problem.ts';
import { quoteKey } from './quote.ts';
import { syntaxMessage } from './syntax-message.ts';

/** What a YAML text says, as far as it can be read, and what is wrong with it. After a syntax error the tree is null. */
export interface ReadDocument {
  readonly tree: Tree;
  /** Where each path is in the text: at its key, or at the item of a list. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly problems: readonly ConfigProblem[];
}

/** Names the source of a place in the text. */
export type Locate = (position: Position) => Source;

/**
 * Reads YAML 1.2 (and so JSON). Scalars stay the text that was written, so that `5` and `"5"` are the same in a file
 * and in a variable; only a plain `null`, `~` or nothing is no value.
 *
 * `under` is the path that the text's root has in the configuration.
 */
export function readDocument(text: string, under: readonly string[], locate: Locate): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const at = (offset: number): Source => {
    const { line, col } = lines.linePos(offset);
    return locate({ line: Math.max(line, 1), column: Math.max(col, 1) });
  };
  const walk: Walk = { at, sources: new Map(), problems: syntaxProblems(document, lines, at) };
  const tree = walk.problems.length > 0 ? null : treeOf(document.contents, under, walk);
  return { tree, sources: walk.sources, problems: walk.problems };
}

interface Walk {
  readonly at: (offset: number) => Source;
  readonly sources: Map<string, Source>;
  readonly problems: ConfigProblem[];
}

/** The first on each line: one slip makes the parser stumble more than once. */
function syntaxProblems(document: Document.Parsed, lines: LineCounter, at: Walk['at']): ConfigProblem[] {
  const slips = [...document.errors, ...document.warnings].map(({ code, pos: [offset] }) => ({
    offset,
    message: syntaxMessage(code),
  }));
  visit(document, {
    Alias: (_, { range }) => {
      slips.push({
        offset: range?.[0] ?? 0,
        message: 'aliases ("*name") are not supported; write the value out',
      });
    },
  });
  const byLine = new Map(slips.toReversed().map((slip) => [lines.linePos(slip.offset).line, slip]));
  return [...byLine.values()].toReversed().map(({ offset, message }) => syntaxProblem(at(offset), message));
}

function treeOf(node: unknown, path: readonly PropertyKey[], walk: Walk): Tree {
  if (isMap(node)) return mapOf(node, path, walk);
  if (isSeq(node)) {
    return node.items.map((item, index) => {
      const itemPath = [...path, index];
      walk.sources.set(formatPath(itemPath), walk.at(offsetOf(item)));
      return treeOf(item, itemPath, walk);
    });
  }
  return isScalar(node) ? textOf(node) : null;
}

function mapOf(map: YAMLMap, path: readonly PropertyKey[], walk: Walk): Tree {
  const tree = emptyMap();
  for (const pair of map.items) {
    const source = walk.at(offsetOf(pair.key));
    const key = keyOf(pair);
    if (key === null) {
      walk.problems.push(syntaxProblem(source, 'a key must be one word'));
      continue;
    }
    const text = formatPath([...path, key]);
    if (key in tree) {
      const message = 'is written twice; keep one';
      walk.problems.push({
        code: 'duplicate-key',
        source,
        path: formatPath([...path, quoteKey(key)]),
        message,
      });
      continue;
    }
    walk.sources.set(text, source);
    tree[key] = treeOf(pair.value, [...path, key], walk);
  }
  return tree;
}

function keyOf({ key }: Pair): string | null {
  return isScalar(key) ? textOf(key) : null;
}

function textOf(scalar: Scalar): string | null {
  const text = String(scalar.value ?? '');
  return scalar.type === Scalar.PLAIN && /^(?:|~|null)$/i.test(text) ? null : text;
}

function offsetOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
}

function syntaxProblem(source: Source, message: string): ConfigProblem {
  return { code: 'syntax', source, path: '', message };
}
