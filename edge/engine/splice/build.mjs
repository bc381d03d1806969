// Builds the addon: run by `npm ci`, and by tests. Plain JavaScript, since it runs on whatever Node npm runs on. An
// installation never fails by it: without an addon everything works on the node engine.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCES = join(HERE, 'native');

/** Where it is looked for, after `prebuilds`: the layout of node-gyp-build. */
export const OUTPUT = join(HERE, 'build', 'Release', 'splice.node');

/** With frame pointers, which cost nothing here and let perf(1) see who called. */
const OPTIMISED = ['-O2', '-g1', '-fno-omit-frame-pointer'];

/**
 * Builds it with one call of the compiler.
 *
 * @param {{ output?: string, flags?: readonly string[] }} options Flags take the place of the optimising ones.
 * @returns {string | null} Why it could not be built, in one line.
 */
export function build({ output = OUTPUT, flags = OPTIMISED } = {}) {
  if (process.platform !== 'linux') return `it is for Linux, and this is ${process.platform}`;
  const headers = findHeaders();
  if (headers === null) return 'the headers of Node-API are not installed (npm package node-api-headers)';
  const compiler = process.env.CC || 'cc';
  const unfinished = `${output}.${process.pid}`;
  mkdirSync(dirname(output), { recursive: true });
  const { error, status, stderr } = spawnSync(
    compiler,
    [
      '-std=c11',
      '-fPIC',
      '-shared',
      '-fvisibility=hidden',
      ...flags,
      '-I',
      headers,
      '-o',
      unfinished,
      ...sourceFiles(),
    ],
    { encoding: 'utf8' },
  );
  if (error !== undefined) return `there is no C compiler (${compiler}: ${error.code ?? error.message})`;
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    return `${compiler} failed: ${firstError(stderr)}`;
  }
  // In one step: a process that has the old one goes on with it.
  renameSync(unfinished, output);
  return null;
}

/** Whether `output` is there and no source is younger. */
export function isFresh(output = OUTPUT) {
  if (!existsSync(output)) return false;
  const builtAt = statSync(output).mtimeMs;
  return readdirSync(SOURCES).every((name) => statSync(join(SOURCES, name)).mtimeMs <= builtAt);
}

function sourceFiles() {
  return readdirSync(SOURCES)
    .filter((name) => name.endsWith('.c'))
    .sort()
    .map((name) => join(SOURCES, name));
}

function findHeaders() {
  const candidates = [join(dirname(process.execPath), '..', 'include', 'node')];
  try {
    const manifest = createRequire(import.meta.url).resolve('node-api-headers/package.json');
    candidates.unshift(join(dirname(manifest), 'include'));
  } catch {
    // Installed without it: the Node that runs this may have brought the same headers.
  }
  return candidates.find((directory) => existsSync(join(directory, 'node_api.h'))) ?? null;
}

function firstError(stderr) {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => line.includes('error')) ?? lines[0] ?? 'without a word';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = existsSync(join(HERE, 'prebuilds', `${process.platform}-${process.arch}`)) ? null : build();
  if (problem !== null) {
    process.stdout.write(`weir: without its splice engine, since ${problem}; it runs on the node engine\n`);
  }
}
