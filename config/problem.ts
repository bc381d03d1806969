/** Where a value was said. Positions count from 1 and are null where the whole source is meant. */
export type Source =
  | { readonly kind: 'file'; readonly file: string; readonly position: Position | null }
  | { readonly kind: 'environment'; readonly variable: string; readonly position: Position | null }
  | { readonly kind: 'command-line' }
  | { readonly kind: 'default' };

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with the configuration. Neither `path` nor `message` ever holds a secret. */
export interface ConfigProblem {
  readonly code:
    | 'unreadable'
    | 'syntax'
    | 'duplicate-key'
    | 'unknown-key'
    | 'invalid-value'
    | 'missing'
    | 'conflict';
  readonly source: Source;
  /** `timeouts.idle`, `listeners[1].address`, or empty for the source as a whole. */
  readonly path: string;
  /** What is wrong and what to write. */
  readonly message: string;
}

/** One line for each problem: `weir.yaml:12:5 timeouts.idle: "5" has no unit; write 5s (ms, s, m, h)`. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ source, path, message }) => {
      const where = formatSource(source);
      return path === '' ? `${where}: ${message}` : `${where} ${path}: ${message}`;
    })
    .join('\n');
}

/** `weir.yaml:12:5`, `WEIR_NODE`, `command line` or `default`. */
export function formatSource(source: Source): string {
  switch (source.kind) {
    case 'file':
      return withPosition(source.file, source.position);
    case 'environment':
      return withPosition(source.variable, source.position);
    case 'command-line':
      return 'command line';
    case 'default':
      return 'default';
    default:
      return source satisfies never;
  }
}

function withPosition(name: string, position: Position | null): string {
  return position === null ? name : `${name}:${position.line}:${position.column}`;
}
