import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { weir } from '../support/command-line.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the command line runs from nothing but what the image copies', async (t) => {
  const image = await makeImage(t);

  const entry = join(image, 'edge/cli/weir.js');
  const [version, missing, check] = await Promise.all([
    weir(['--version'], { entry, cwd: image }),
    weir(['route', 'list'], { entry, cwd: image }),
    weir(['check', join(ROOT, 'config/weir.example.yaml')], { entry, cwd: image }),
  ]);

  t.is(version.exitCode, 0, version.stderr);
  t.is(missing.exitCode, 6, missing.stderr);
  t.is(check.exitCode, 0, check.stderr);
});

test('the image has neither tests nor benchmarks, and its context admits what it copies', async (t) => {
  const copied = copiedPaths(await readFile(join(ROOT, 'Dockerfile'), 'utf8'));
  const admitted: readonly string[] =
    (await readFile(join(ROOT, '.dockerignore'), 'utf8')).match(/(?<=^!).+/gm) ?? [];

  t.deepEqual(copied, ['package.json', 'LICENSE', 'config', 'routing', 'edge']);
  t.deepEqual(
    copied.filter((path) => !admitted.includes(path)),
    [],
  );
});

test('the image runs as another user than root, by number', async (t) => {
  const users = (await readFile(join(ROOT, 'Dockerfile'), 'utf8')).match(/(?<=^USER ).+/gm);

  t.deepEqual(users, ['1000:1000']);
});

/** The image's directory as the last stage's COPY lines make it, with this checkout's packages. */
async function makeImage(t: ExecutionContext): Promise<string> {
  const image = await mkdtemp(join(tmpdir(), 'weir-image-'));
  t.teardown(() => rm(image, { recursive: true }));
  for (const path of copiedPaths(await readFile(join(ROOT, 'Dockerfile'), 'utf8'))) {
    await cp(join(ROOT, path), join(image, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(image, 'node_modules'));
  return image;
}

function copiedPaths(dockerfile: string): readonly string[] {
  const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  return [...lastStage.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, operands = '']) => {
    const paths = operands.split(' ');
    const target = paths.pop() ?? '';
    return paths.map((path) => {
      if (target !== './' && target !== path)
        throw new Error(`COPY ${path} ${target} renames; teach the test`);
      return path;
    });
  });
}
