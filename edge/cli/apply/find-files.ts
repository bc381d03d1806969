import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { whyUnreadable } from '../../../config/text-file.ts';

/** What stands for standard input among names of files. */
export const STDIN = '-';

/** The files that some names stand for, or what is wrong with names. */
export interface FoundFiles {
  /** As they are to be read and named in messages, each file once, however often it is reached. */
  readonly files: readonly string[];
  readonly problems: readonly FileProblem[];
}

/** `problem` is a clause that goes after the name. */
export interface FileProblem {
  readonly name: string;
  readonly problem: string;
}

const EXTENSIONS = /\.(?:ya?ml|json)$/i;

/** A directory with more in it, and below it, was not meant. */
const MAX_ENTRIES = 100_000;

/**
 * Finds files by names as they are typed: a file, `-`, or a directory, which stands for all .yaml, .yml and .json files in
 * it and below it, in the order of their names. What is hidden is passed over; symbolic links are followed, once.
 */
export async function findFiles(names: readonly string[]): Promise<FoundFiles> {
  const search: Search = { seen: new Set(), files: [], problems: [], entries: 0, met: 0 };
  for (const name of names) {
    if (name !== STDIN) await searchName(name, search);
    else if (!search.files.includes(STDIN)) search.files.push(STDIN);
  }
  return search;
}

interface Search {
  /** Real paths. */
  readonly seen: Set<string>;
  readonly files: string[];
  readonly problems: FileProblem[];
  entries: number;
  /** What there was to find, were it the first time or not, readable or not. */
  met: number;
}

async function searchName(name: string, search: Search): Promise<void> {
  try {
    const entry = await stat(name);
    if (!entry.isDirectory()) {
      // Not a regular file alone: `<(…)` is a pipe.
      if (await isNew(name, search)) search.files.push(name);
      return;
    }
    const before = search.met;
    const isComplete = await searchDirectory(name, search);
    if (!isComplete) search.problems.push({ name, problem: `has more than ${MAX_ENTRIES} entries` });
    else if (search.met === before) {
      search.problems.push({ name, problem: 'has no .yaml, .yml or .json file in it' });
    }
  } catch (error) {
    search.problems.push({ name, problem: whyUnreadable(error) });
  }
}

/** Whether all of it was looked at. */
async function searchDirectory(directory: string, search: Search): Promise<boolean> {
  if (!(await isNew(directory, search))) {
    search.met += 1;
    return true;
  }
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  for (const name of names) {
    search.entries += 1;
    if (search.entries > MAX_ENTRIES) return false;
    if (!(await searchEntry(join(directory, name), search))) return false;
  }
  return true;
}

async function searchEntry(path: string, search: Search): Promise<boolean> {
  const isWanted = EXTENSIONS.test(path);
  try {
    const entry = await stat(path);
    if (entry.isDirectory()) return await searchDirectory(path, search);
    if (!isWanted) return true;
    search.met += 1;
    if (!entry.isFile()) search.problems.push({ name: path, problem: 'is not a regular file' });
    else if (await isNew(path, search)) search.files.push(path);
  } catch (error) {
    const isDangling = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isWanted && isDangling) return true;
    search.met += 1;
    search.problems.push({ name: path, problem: whyUnreadable(error) });
  }
  return true;
}

async function isNew(path: string, { seen }: Search): Promise<boolean> {
  // What `<(…)` names has no path of its own.
  const real = await realpath(path).catch(() => path);
  if (seen.has(real)) return false;
  seen.add(real);
  return true;
}
