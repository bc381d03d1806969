import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// Run as `npm run test:node-versions`: the splice engine's tests with the one addon that is built here, under each of
// these releases of Node, which come from npm. Other ones are given as arguments.
const ROOT = join(import.meta.dirname, '..');
const AVA = join(ROOT, 'node_modules/ava/entrypoints/cli.js');
const TESTS = ['test/edge/engine/splice.test.ts', 'test/edge/engine/splice/*.test.ts'];
const RELEASES = ['22', '24', '26'];

const given = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'weir-node-versions-'));
try {
  for (const release of given.length > 0 ? given : RELEASES) {
    const node = install(release);
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    process.stdout.write(`\nNode ${stdout.trim()}\n`);
    const env = { ...process.env, PATH: `${dirname(node)}:${process.env['PATH']}` };
    const { status } = spawnSync(node, [AVA, ...TESTS], { cwd: ROOT, stdio: 'inherit', env });
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Answers with the path of the program. */
function install(release: string): string {
  const to = join(directory, release);
  const name = `node-linux-${process.arch}`;
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--prefix', to, '--no-save', '--no-audit', `${name}@${release}`],
    { encoding: 'utf8' },
  );
  const found = status === 0 ? readdirSync(join(to, 'node_modules')).includes(name) : false;
  if (!found) throw new Error(`there is no Node ${release} to be had from npm as ${name}: ${stderr.trim()}`);
  return join(to, 'node_modules', name, 'bin', 'node');
}
