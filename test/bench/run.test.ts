import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { isAlive, processTree } from '../../bench/measure/process-tree.ts';

const RUN = fileURLToPath(new URL('../../bench/run.ts', import.meta.url));

test('a run measures a proxy, prints a table and writes the samples down', async (t) => {
  const { child, out } = startRun(t, ['--connections', '400', '--rounds', '2']);
  const printed = await text(child.stdout);
  if (child.exitCode === null) await once(child, 'exit');

  t.is(child.exitCode, 0);
  t.regex(printed, /\| CPU per short connection +\| node-pipe +\| [\d.]+ µs +\| ± \d+ % +\|/);
  const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
  t.is(results.versions['node-pipe'], process.version);
  t.regex(readFileSync(join(out, 'report.md'), 'utf8'), /!\[Short connections\]\(short\.svg\)/);
  t.regex(readFileSync(join(out, 'short.svg'), 'utf8'), /^<svg .*node-pipe/s);
  t.deepEqual(
    results.series.map(
      (series: { samples: number[] }) => series.samples.filter((sample) => sample > 0).length,
    ),
    [2, 2, 2, 2, 2],
  );
});

test('Ctrl-C leaves no process and no file behind', async (t) => {
  const { child, out } = startRun(t, ['--connections', '1000000', '--rounds', '1']);
  await once(child.stderr, 'data');
  const started = processTree(child.pid ?? 0).slice(1);
  t.is(started.length, 3);

  child.kill('SIGINT');
  await once(child, 'exit');

  t.is(child.exitCode, 130);
  t.deepEqual(started.filter(isAlive), []);
  t.throws(() => readFileSync(join(out, 'results.json')), { code: 'ENOENT' });
});

test('wrong arguments say how it is used, with exit code 2', async (t) => {
  const { child } = startRun(t, ['--rounds', 'many']);
  const [said] = await Promise.all([text(child.stderr), once(child, 'exit')]);

  t.is(child.exitCode, 2);
  t.regex(said, /--rounds many: not a whole number above 0\n\nnode bench\/run\.ts \[--quick\]/);
});

interface Run {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Where its results go. */
  readonly out: string;
}

function startRun(t: ExecutionContext, args: readonly string[]): Run {
  const directory = mkdtempSync(join(tmpdir(), 'weir-bench-test-'));
  const out = join(directory, 'results');
  const child = spawn(
    process.execPath,
    [RUN, '--scenario', 'short', '--proxy', 'node-pipe', '--out', out, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  t.teardown(() => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  return { child, out };
}
