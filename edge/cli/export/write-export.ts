import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Parsed } from '../../../config/parsed.ts';
import { invalid, ok } from '../../../config/parsed.ts';
import { whyUnreadable } from '../../../config/text-file.ts';

/** Whether a path is meant as a directory: it is one, or says so. */
export async function isDirectory(path: string): Promise<boolean> {
  if (path.endsWith('/')) return true;
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** What exports call their files in a directory; such files are theirs to replace and to remove. */
const OWN_NAME = /^weir-export-[0-9]{3,}\.yaml$/;

/** Writes the one text to the file, or the texts into the directory, and answers with the files. Each is whole at once. */
export async function writeExport(
  path: string,
  texts: readonly string[],
  isIntoDirectory: boolean,
): Promise<Parsed<readonly string[]>> {
  try {
    if (!isIntoDirectory) {
      await replace(path, texts.join(''));
      return ok([path]);
    }
    await mkdir(path, { recursive: true });
    const names = texts.map((_, index) => `weir-export-${String(index + 1).padStart(3, '0')}.yaml`);
    for (const [index, text] of texts.entries()) await replace(join(path, names[index] ?? ''), text);
    const stale = (await readdir(path)).filter((name) => OWN_NAME.test(name) && !names.includes(name));
    for (const name of stale) await rm(join(path, name));
    return ok(names.map((name) => join(path, name)));
  } catch (error) {
    return invalid(whyUnwritable(error));
  }
}

/** A device or a pipe (`/dev/stdout`) is written to as it is. */
async function replace(file: string, text: string): Promise<void> {
  const entry = await stat(file).catch(() => null);
  if (entry !== null && !entry.isFile()) return writeFile(file, text);
  const partial = `${file}.partial-${process.pid}`;
  try {
    await writeFile(partial, text);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function whyUnwritable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'is in a directory that does not exist';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'may not be written by this user';
    case 'ENOSPC':
      return 'is on a disk that is full';
    default:
      return whyUnreadable(error);
  }
}
