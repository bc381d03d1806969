#!/usr/bin/env node
// Plain JavaScript, so that a Node that cannot run TypeScript gets as far as saying so.
import module from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

if (process.features.typescript) {
  // Types are stripped once and not at every start: a start takes half the time, and a process that never loads the
  // stripper is 17 MB smaller. Not in the system's directory for temporary files, where others could plant code.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
    new URL('../../node_modules/.cache/weir', import.meta.url),
  );
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  await import('./weir.ts');
} else {
  process.stderr.write(
    `error: weir needs Node 24 and this is ${process.version}. In the checkout, "npm ci" installs one that "npx weir" uses.\n`,
  );
  process.exitCode = 1;
}
