import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { withReference } from '../../config/readme-section.ts';
import { renderReference } from '../../config/reference.ts';
import { EXIT_CODES } from '../../edge/cli/exit-code.ts';
import { REASONS } from '../../edge/connection/outcome.ts';

const TOP = new URL('../../', import.meta.url);
const README = await readFile(new URL('README.md', TOP), 'utf8');

/** The first cells of all tables of the README, without what marks them as code. */
const FIRST_CELLS = [...README.matchAll(/^\| `?([^`|]+?)`? \|/gm)].map(([, cell]) => cell);

test('the README lists every configuration key as the schema has it', (t) => {
  t.is(withReference(README), README, 'run: npm run docs');
});

test('the reference replaces what stands between its markers and nothing else', (t) => {
  const markers = ['<!-- configuration reference -->', '<!-- /configuration reference -->'] as const;
  const [start, end] = markers;
  const written = withReference(`before\n${start}old${end}\nafter\n`);
  t.is(written, `before\n${start}\n\n${renderReference()}\n${end}\nafter\n`);
  t.is(withReference(written), written);
  for (const wrong of [
    '',
    start,
    end,
    `${end}${start}`,
    `${start}${end}${start}${end}`,
    `${start}${end}${end}`,
  ]) {
    t.throws(() => withReference(wrong), { message: /once each/ }, wrong);
  }
});

test('the README has a row for every way in which a connection ends', (t) => {
  for (const reason of REASONS) t.true(FIRST_CELLS.includes(reason), reason);
});

test('the README has a row for every metric', async (t) => {
  const source = await readFile(new URL('edge/observe/metrics.ts', TOP), 'utf8');
  const names = [...source.matchAll(/'(weir_[a-z_]+)'/g)].flatMap(([, name]) => name ?? []);
  t.true(names.length > 10);
  for (const name of names) t.true(FIRST_CELLS.includes(name), name);
});

test('the README has a row for every key of the access log', async (t) => {
  const source = await readFile(new URL('edge/observe/access-lines.ts', TOP), 'utf8');
  const keys = [...source.matchAll(/',"([a-z0-9_]+)":'/g)].flatMap(([, key]) => key ?? []);
  t.true(keys.length > 10);
  for (const key of keys) t.true(FIRST_CELLS.includes(key), key);
});

test('the README has a row for every exit code', (t) => {
  for (const code of Object.values(EXIT_CODES)) t.true(FIRST_CELLS.includes(String(code)), String(code));
});

test('what the README links to is there', (t) => {
  const targets = [...README.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => target ?? []);
  for (const target of targets.filter((each) => !/^https?:/.test(each))) {
    const [path = '', anchor] = target.split('#');
    t.true(path === '' || existsSync(new URL(path, TOP)), target);
    if (path === '' && anchor !== undefined) t.true(ANCHORS.has(anchor), target);
  }
});

/** As GitHub makes them of headings. */
const ANCHORS = new Set(
  [...README.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  ),
);
