#!/usr/bin/env node
// Plain JavaScript, so that a Node that cannot run TypeScript gets as far as saying so.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

if (process.features.typescript) {
  // Types are stripped once and not at every start: a start takes half the time, and a process that never loads the
  // stripper is 17 MB smaller. Not in the system's directory for temporary files, where others could plant code.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
    new URL('../../node_modules/.cache/weir', import.meta.url),
  );
  if (['up', 'demo'].includes(process.argv[2])) warmOnce();
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(process.argv.slice(2));
} else {
  process.stderr.write(
    `error: weir needs Node 24 and this is ${process.version}. In the checkout, "npm ci" installs one that "npx weir" uses.\n`,
  );
  process.exitCode = 1;
}

/** Before the first start of this version: without a cache each of an edge's processes would be 17 MB larger for good. */
function warmOnce() {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const cache = process.env.NODE_COMPILE_CACHE;
  const mark = join(cache, `warm-${version}-${process.version}`);
  if (existsSync(mark)) return;
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    const script = fileURLToPath(new URL('./warm-cache.js', import.meta.url));
    spawnSync(process.execPath, [script], { stdio: 'ignore', timeout: 30_000 });
    writeFileSync(mark, '');
  } catch {
    // A read-only installation has no cache, and starts all the same.
  }
}
