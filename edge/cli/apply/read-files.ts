import { formatSize } from '../../../config/size.ts';
import { readTextFile, readTextStream } from '../../../config/text-file.ts';
import { MAX_FILE_BYTES } from '../../../routing/manifest/read-documents.ts';
import type { ManifestFile } from '../../../routing/manifest/read-manifests.ts';
import { type FileProblem, findFiles, STDIN } from './find-files.ts';

/** What was read becomes some forty times as much in memory. */
const MAX_TOTAL_BYTES = 64 * 1024 * 1024;

/** Files and their texts, or why not. */
export type ReadFiles =
  | { readonly kind: 'ok'; readonly files: readonly ManifestFile[] }
  | { readonly kind: 'invalid'; readonly problems: readonly FileProblem[] };

/** Reads what names stand for: files, directories and `-`. */
export async function readFiles(names: readonly string[]): Promise<ReadFiles> {
  const found = await findFiles(names);
  const problems = [...found.problems];
  const files: ManifestFile[] = [];
  let total = 0;
  for (const name of found.files) {
    const text =
      name === STDIN
        ? await readTextStream(process.stdin, MAX_FILE_BYTES)
        : await readTextFile(name, MAX_FILE_BYTES);
    const shown = name === STDIN ? '(stdin)' : name;
    if (text.kind === 'invalid') {
      problems.push({ name: shown, problem: text.problem });
      continue;
    }
    total += Buffer.byteLength(text.value);
    if (total > MAX_TOTAL_BYTES) {
      const problem = `makes the files longer than ${formatSize(MAX_TOTAL_BYTES)} together; apply them in parts`;
      return { kind: 'invalid', problems: [...problems, { name: shown, problem }] };
    }
    files.push({ name: shown, text: text.value });
  }
  return problems.length === 0 ? { kind: 'ok', files } : { kind: 'invalid', problems };
}
