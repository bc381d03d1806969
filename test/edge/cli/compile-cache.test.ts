import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { weir } from '../../support/command-line.ts';

function emptyDirectory(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-cache-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function cached(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;
}

test('the first start of an edge fills the compile cache with all that it loads, and a later one leaves it', async (t) => {
  const cache = emptyDirectory(t);
  const first = await weir(['up', '--help'], { env: { NODE_COMPILE_CACHE: cache } });
  t.is(first.exitCode, 0);
  const mark = readdirSync(cache).find((name) => name.startsWith('warm-'));
  t.truthy(mark);
  // Both sides of the edge are in it, the primary's packages among them.
  t.true(cached(cache) > 300, `${cached(cache)} files`);
  rmSync(join(cache, mark ?? ''));
  await weir(['route', '--help'], { env: { NODE_COMPILE_CACHE: cache } });
  t.false(existsSync(join(cache, mark ?? '')), 'other commands do not wait for it');
});

test('a directory that cannot be made does not keep an edge from starting', async (t) => {
  const { exitCode } = await weir(['up', '--help'], { env: { NODE_COMPILE_CACHE: '/dev/null/cache' } });
  t.is(exitCode, 0);
});
