import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { weir } from '../../support/command-line.ts';

test('a valid file is said to be valid, with what it comes to', async (t) => {
  const file = await makeFile(t, 'node: edge-1\ndatabase: embedded\nadmin: off\n');

  const { exitCode, stdout, stderr } = await weir(['check', file]);

  t.is(exitCode, 0, stderr);
  t.is(stdout.split('\n')[0], `${file} is valid`);
  t.regex(stdout, /^ {2}node +edge-1$/m);
  t.regex(stdout, /^ {2}admin +off$/m);
  t.regex(stdout, /^ {2}listener +tls: tls on \[::\]:443$/m);
});

test('a listener behind load balancers is said to be', async (t) => {
  const listener =
    '{ name: a, kind: tls, address: "[::]:1", proxy_protocol: required, trusted: [10.0.0.0/8, "::1"] }';
  const file = await makeFile(t, `database: embedded\nlisteners:\n  - ${listener}\n`);
  const { stdout, stderr } = await weir(['check', file]);
  t.regex(stdout, /a: tls on \[::\]:1, PROXY required from 10\.0\.0\.0\/8, ::1$/m, stderr);
});

test('every problem is listed with its place, and the exit code is 5', async (t) => {
  const file = await makeFile(t, 'databse: embedded\ntimeouts:\n  idle: 5\n');

  const { exitCode, stdout, stderr } = await weir(['check', file]);

  t.is(exitCode, 5);
  t.is(stdout, '');
  t.true(stderr.includes(`${file}:1:1 databse:`), stderr);
  t.true(stderr.includes('did you mean "database"?'), stderr);
  t.true(stderr.includes(`${file}:3:3 timeouts.idle:`), stderr);
});

test('with --json problems are one document with a field and a source each', async (t) => {
  const file = await makeFile(t, 'database: embedded\ntimeouts:\n  idle: 5\n');

  const { exitCode, stderr } = await weir(['check', file, '--json']);

  t.is(exitCode, 5);
  t.like(JSON.parse(stderr), {
    error: {
      code: 'invalid',
      problems: [{ field: 'timeouts.idle', source: `${file}:3:3`, code: 'invalid-value' }],
    },
  });
});

test('with --json the configuration comes without its secret', async (t) => {
  const file = await makeFile(t, 'database:\n  url: postgres://edge:secret@db.internal/weir\n');

  const { exitCode, stdout } = await weir(['check', file, '--json']);

  t.is(exitCode, 0);
  t.like(JSON.parse(stdout), { file, isValid: true, config: { database: { kind: 'url' } } });
  t.false(stdout.includes('secret'));
});

test('the environment counts, as it does for an edge', async (t) => {
  const file = await makeFile(t, 'database: embedded\n');

  const { exitCode, stderr } = await weir(['check', file], { env: { WEIR_WORKERS: 'many' } });

  t.is(exitCode, 5);
  t.true(stderr.includes('WEIR_WORKERS'), stderr);
});

test('a file that is not there ends with 5 and its name', async (t) => {
  const { exitCode, stderr } = await weir(['check', '/nowhere/weir.yaml']);

  t.is(exitCode, 5);
  t.true(stderr.includes('/nowhere/weir.yaml'), stderr);
});

async function makeFile(t: ExecutionContext, content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'weir-check-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const file = join(directory, 'weir.yaml');
  await writeFile(file, content);
  return file;
}
