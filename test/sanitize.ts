import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from '../edge/engine/splice/build.mjs';

// Run as `npm run test:sanitize`: the engine's tests with the addon under AddressSanitizer and UndefinedBehaviorSanitizer.
const ROOT = join(import.meta.dirname, '..');
const ADDON = join(ROOT, 'edge/engine/splice/build/Sanitized/splice.node');
const FLAGS = [
  '-O1',
  '-g',
  '-fno-omit-frame-pointer',
  '-fsanitize=address,undefined',
  '-Wall',
  '-Wextra',
  '-Werror',
];
const TESTS = ['test/edge/engine/splice.test.ts', 'test/edge/engine/splice/*.test.ts'];

const problem = build({ output: ADDON, flags: FLAGS });
if (problem !== null) throw new Error(`the addon cannot be built with sanitizers: ${problem}`);

// The runtimes have to be there before Node itself, which was built without.
const runtimes = ['libasan.so', 'libubsan.so'].map(runtime).join(':');
const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules/.bin/ava'), ...TESTS], {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    SPLICE_ADDON: ADDON,
    LD_PRELOAD: runtimes,
    // V8 keeps what it has to its end, and its signal handlers are its own.
    ASAN_OPTIONS: 'detect_leaks=0:handle_segv=0:halt_on_error=1',
    UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
  },
});
process.exitCode = status ?? 1;

function runtime(name: string): string {
  const { stdout } = spawnSync(process.env['CC'] ?? 'cc', [`-print-file-name=${name}`], { encoding: 'utf8' });
  return stdout.trim();
}
