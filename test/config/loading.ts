import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Config } from '../../config/config.ts';
import { type LoadOptions, loadConfig } from '../../config/load.ts';
import { formatProblems } from '../../config/problem.ts';

/** Makes a directory with files in it, which the test's teardown removes. */
export async function directoryWith(
  t: ExecutionContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'weir-config-'));
  t.teardown(() => rm(directory, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return directory;
}

type Given = Partial<Omit<LoadOptions, 'file'>> & { readonly yaml?: string | Uint8Array };

/** Loads a text as `weir.yaml`, with no variables but the given ones. */
export async function load(t: ExecutionContext, { yaml, ...options }: Given) {
  const workingDirectory = options.workingDirectory ?? (await directoryWith(t, { 'weir.yaml': yaml ?? '' }));
  return loadConfig({ env: {}, ...options, file: yaml === undefined ? null : 'weir.yaml', workingDirectory });
}

/** Loads what must be right. */
export async function configOf(t: ExecutionContext, given: Given): Promise<Config> {
  const loaded = await load(t, given);
  if (loaded.kind === 'invalid') throw new Error(formatProblems(loaded.problems));
  return loaded.config;
}

/** Loads what must be wrong, and answers the lines that a person sees. */
export async function linesOf(t: ExecutionContext, given: Given): Promise<readonly string[]> {
  const loaded = await load(t, given);
  return loaded.kind === 'ok' ? [] : formatProblems(loaded.problems).split('\n');
}
