import test from 'ava';
import { parseDatabaseUrl } from '../../config/database-url.ts';
import { directoryWith, load } from './loading.ts';

const SECRET = 'hunter2';
const URL_WITH_SECRET = `postgres://weir:${SECRET}@db.internal/weir`;

test('a database URL is kept as it was written', (t) => {
  for (const url of [
    URL_WITH_SECRET,
    'postgresql://db',
    'postgres:///weir?host=/run/postgresql',
    'postgres://[::1]:5432/weir',
  ]) {
    t.deepEqual(parseDatabaseUrl(url), { kind: 'ok', value: url });
  }
});

test('what is not a PostgreSQL URL is refused without repeating any of it', (t) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /must start with postgres/],
    [`mysql://weir:${SECRET}@db/weir`, /must start with postgres/],
    [`POSTGRES://weir:${SECRET}@db/weir`, /must start with postgres/],
    [`postgres://weir:${SECRET}#x@db/weir`, /%23/],
    [`postgres://weir:${SECRET} x@db/weir`, /%20/],
    [`postgres://weir:${SECRET}@db/weir\n`, /line break/],
    [`postgres://weir:${SECRET}@db:port/weir`, /is not a URL/],
  ];
  for (const [url, problem] of refused) {
    const parsed = parseDatabaseUrl(url);
    if (parsed.kind === 'ok') return t.fail(url);
    t.regex(parsed.problem, problem);
    t.false(parsed.problem.includes(SECRET));
  }
});

test('no problem shows a secret, however it was misplaced or mistyped', async (t) => {
  const bad = URL_WITH_SECRET.replace('postgres', 'mysql');
  const files = [
    `database: ${URL_WITH_SECRET}`,
    `database: { url: "${bad}" }`,
    `database: { urll: "${URL_WITH_SECRET}" }`,
    `database: { url: ["${URL_WITH_SECRET}"] }`,
    `database: { url: "${URL_WITH_SECRET}" ${SECRET} }`,
    `database: { url: postgres://weir:a,${SECRET}@db/weir }`,
    `database:\n  url: "${URL_WITH_SECRET}`,
    `database:\n  url: "\\${SECRET}"`,
    `database:\n  url: |${SECRET}\n    x`,
    `database:\n  url: *${SECRET}`,
    `database:\n  url: !${SECRET} x`,
    `database:\n  url: ${URL_WITH_SECRET}: x`,
    `database:\n  ${URL_WITH_SECRET}:`,
    `${URL_WITH_SECRET}: 1\n${URL_WITH_SECRET}: 2`,
    `%${SECRET}\n---\nnode: a b`,
    URL_WITH_SECRET,
    `node: ${URL_WITH_SECRET}`,
    `log: { level: "${URL_WITH_SECRET}" }`,
    `listeners: [{ name: a, kind: "${URL_WITH_SECRET}" }]`,
  ];
  for (const yaml of files) await assertHidden(yaml, { yaml });

  const workingDirectory = await directoryWith(t, { 'weir.yaml': '', url: bad });
  const variables: readonly Record<string, string>[] = [
    { WEIR_DATABASE: URL_WITH_SECRET },
    { WEIR_DATABASE: SECRET },
    { WEIR_DATABASE_URL: bad },
    { WEIR_DATABASE_URL: SECRET },
    { WEIR_DATABASE_URL_FILE: URL_WITH_SECRET },
    { WEIR_DATABASE_URL_FILE: 'url' },
    { WEIR_DATABASE_URI: URL_WITH_SECRET },
    { WEIR_NODE: URL_WITH_SECRET },
    { WEIR_LISTENERS: URL_WITH_SECRET },
  ];
  for (const env of variables) await assertHidden(JSON.stringify(env), { env, workingDirectory });
  await assertHidden('command line', { overrides: { database: { url: bad } } });

  async function assertHidden(what: string, given: Parameters<typeof load>[1]): Promise<void> {
    const loaded = await load(t, given);
    t.is(loaded.kind, 'invalid', what);
    t.false(JSON.stringify(loaded).includes(SECRET), what);
  }
});

test('control characters in what somebody wrote do not reach the terminal', async (t) => {
  const loaded = await load(t, { yaml: 'database: embedded\nnode: "\\e[2J\\a"\n"\\e[31m": 1\n' });
  const shown =
    loaded.kind === 'invalid' ? loaded.problems.map(({ path, message }) => path + message).join() : '';
  t.regex(shown, /\\u001b\[2J/);
  t.notRegex(shown, /\p{Cc}/u);
});
