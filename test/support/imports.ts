/** One import of a source file, as it is written there. */
export interface Import {
  readonly specifier: string;
  /** `import type` and `export type`: gone once the types are stripped. */
  readonly isTypeOnly: boolean;
  readonly isReExport: boolean;
}

const FROM = /^(import|export)\s+(type\s+(?!from\b))?(?:[\w*\s{},$]+?)\s+from\s+'([^']+)'/gm;
const BARE = /^import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'/g;
const COMMENT = /^\s*(?:\/\/|\/?\*).*$/gm;

/** Reads imports as biome lays them out: statements start a line, strings have single quotes. */
export function importsOf(source: string): readonly Import[] {
  const code = source.replaceAll(COMMENT, '');
  const imports: Import[] = [];
  for (const [, keyword, type, specifier] of code.matchAll(FROM)) {
    if (specifier === undefined) continue;
    imports.push({ specifier, isTypeOnly: type !== undefined, isReExport: keyword === 'export' });
  }
  for (const pattern of [BARE, DYNAMIC]) {
    for (const [, specifier] of code.matchAll(pattern)) {
      if (specifier !== undefined) imports.push({ specifier, isTypeOnly: false, isReExport: false });
    }
  }
  return imports;
}
