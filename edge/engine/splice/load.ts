import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PROTOCOL } from './mailbox.ts';
import type { Native } from './native.ts';

export type LoadedAddon =
  | { readonly kind: 'loaded'; readonly native: Native }
  /** In a few words, for a sentence with "since". */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Loads the addon: one that was shipped (the `prebuilds` of node-gyp-build) before the one that was built here. */
export function loadAddon(files: readonly string[] = addonFiles()): LoadedAddon {
  if (process.platform !== 'linux')
    return { kind: 'unavailable', reason: `it is for Linux, and this is ${process.platform}` };
  let reason = 'it is not built: run "npm run build:addon", which needs a C compiler';
  for (const file of files) {
    try {
      const native: Native = require(file);
      if (native.protocol === PROTOCOL) return { kind: 'loaded', native };
      reason = `${file} was built for another version of weir: run "npm run build:addon"`;
    } catch (error) {
      reason = `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return { kind: 'unavailable', reason };
}

const require = createRequire(import.meta.url);

/** Those that are there. A prebuilt one may be for one C library only, and the wrong one just does not load. */
function addonFiles(): readonly string[] {
  const prebuilt = join(import.meta.dirname, 'prebuilds', `linux-${process.arch}`);
  const shipped = existsSync(prebuilt) ? readdirSync(prebuilt).filter((name) => name.endsWith('.node')) : [];
  const built = join(import.meta.dirname, 'build', 'Release', 'splice.node');
  return [...shipped.map((name) => join(prebuilt, name)), ...(existsSync(built) ? [built] : [])];
}
