import type { Desired } from './desired.ts';
import type { ManifestProblem } from './document.ts';
import { parseWanted } from './parse-wanted.ts';
import { problemAt } from './validate.ts';

/** What the commands would refuse whatever is there already: values that are not valid, and things that are wanted twice. */
export function wrongValues(desired: readonly Desired[]): readonly ManifestProblem[] {
  const firsts = new Map<string, Desired>();
  return desired.flatMap((each) => {
    const parsed = parseWanted(each.wanted);
    if (parsed.kind === 'invalid') {
      return parsed.problems.map(({ field, problem }) =>
        problemAt(each.document, each.pathOf(field), problem),
      );
    }
    const { identity, field } = parsed.value;
    const first = firsts.get(identity);
    if (first === undefined) {
      firsts.set(identity, each);
      return [];
    }
    const { file, line, column } = first.document.place(first.pathOf(field));
    const problem = `wants ${identity}, as ${file}:${line}:${column} does already; keep one of them`;
    return [problemAt(each.document, each.pathOf(field), problem)];
  });
}
