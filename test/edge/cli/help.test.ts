import { tmpdir } from 'node:os';
import test from 'ava';
import { weir } from '../../support/command-line.ts';

const COMMANDS = [
  'check',
  'domain claim',
  'domain verify',
  'domain release',
  'domain list',
  'route create',
  'route update',
  'route split',
  'route delete',
  'route list',
  'route show',
  'port allocate',
  'port release',
  'port list',
  'port pool',
  'address allocate',
  'address release',
  'address list',
  'address pool',
  'policy set',
  'policy show',
  'endpoint report',
  'endpoint list',
  'apply',
  'export',
  'schema',
  'node list',
  'events',
  'events failed',
  'events retry',
  'database migrate',
  'projections rebuild',
  'projections compact',
  'projector',
];

for (const command of COMMANDS) {
  test(`weir ${command} --help has a description, examples and exit codes, and ends with 0`, async (t) => {
    const { exitCode, stdout, stderr } = await weir([...command.split(' '), '--help']);

    t.is(exitCode, 0);
    t.is(stderr, '');
    t.true(stdout.startsWith(`Usage: weir ${command}`));
    t.regex(stdout, new RegExp(`^ {2}\\$ weir ${command}`, 'm'));
    t.regex(stdout, /^Exit codes:\n {2}0 /m);
  });
}

test('weir --help names every command and every exit code', async (t) => {
  const { exitCode, stdout } = await weir(['--help']);

  t.is(exitCode, 0);
  for (const name of [
    'demo',
    'up',
    'check',
    'domain',
    'route',
    'port',
    'address',
    'policy',
    'endpoint',
    'apply',
    'export',
    'schema',
    'node',
    'dns',
    'events',
    'database',
    'projections',
    'projector',
  ]) {
    t.regex(stdout, new RegExp(`^ {2}${name} +\\w`, 'm'));
  }
  for (const code of [0, 1, 2, 3, 4, 5, 6, 7]) t.regex(stdout, new RegExp(`^ {2}${code} {2}\\w`, 'm'));
});

test('weir help route says what weir route --help says', async (t) => {
  const [help, option] = await Promise.all([weir(['help', 'route']), weir(['route', '--help'])]);

  t.is(help.stdout, option.stdout);
  t.is(help.exitCode, 0);
});

test('weir --version answers with the version of the package', async (t) => {
  const { exitCode, stdout } = await weir(['--version'], { cwd: tmpdir() });

  t.is(exitCode, 0);
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('an unknown command ends with 2 and names the nearest one', async (t) => {
  const { exitCode, stdout, stderr } = await weir(['rout', 'list']);

  t.is(exitCode, 2);
  t.is(stdout, '');
  t.is(stderr, `error: unknown command 'rout'\n(Did you mean route?)\nSee "weir --help".\n`);
});

test('an unknown option ends with 2, names the nearest one and where the help is', async (t) => {
  const { exitCode, stderr } = await weir(['route', 'list', '--ogr', 'acme']);

  t.is(exitCode, 2);
  t.is(stderr, `error: unknown option '--ogr'\n(Did you mean --org?)\nSee "weir route list --help".\n`);
});

test('a missing option, a missing argument and a missing command end with 2', async (t) => {
  const [option, argument, command, nothing] = await Promise.all([
    weir(['route', 'create', 'www.example.com']),
    weir(['route', 'delete']),
    weir(['route']),
    weir([]),
  ]);

  t.is(option.exitCode, 2);
  t.regex(option.stderr, /required option '--org <org>' not specified/);
  t.is(argument.exitCode, 2);
  t.regex(argument.stderr, /missing required argument 'hostname'/);
  t.is(command.exitCode, 2);
  t.regex(command.stderr, /^Usage: weir route/);
  t.is(nothing.exitCode, 2);
  t.regex(nothing.stderr, /^Usage: weir/);
});

test('an update that changes nothing ends with 2', async (t) => {
  const { exitCode, stderr } = await weir(['route', 'update', 'www.example.com']);

  t.is(exitCode, 2);
  t.is(stderr, 'error: nothing to change is named\nSee "weir route update --help".\n');
});

test('with --json a wrong command line is one JSON document on stderr', async (t) => {
  const { exitCode, stdout, stderr } = await weir(['route', 'list', '--nonsense', '--json']);

  t.is(exitCode, 2);
  t.is(stdout, '');
  t.like(JSON.parse(stderr), {
    error: { code: 'usage', message: "unknown option '--nonsense'", problems: [] },
  });
});

test('a Node that cannot run TypeScript is told in one line', async (t) => {
  const { exitCode, stdout, stderr } = await weir(['--help'], {
    nodeOptions: ['--no-experimental-strip-types'],
  });

  t.is(exitCode, 1);
  t.is(stdout, '');
  t.regex(stderr, /^error: weir needs Node 24 and this is v[\d.]+\. .*npx weir.*\n$/);
});
