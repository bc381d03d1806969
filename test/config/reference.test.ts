import { readFile } from 'node:fs/promises';
import test from 'ava';
import { z } from 'zod';
import { KEYS } from '../../config/keys.ts';
import { renderReference } from '../../config/reference.ts';
import { schema } from '../../config/schema.ts';
import { configOf } from './loading.ts';

const EXAMPLE = new URL('../../config/weir.example.yaml', import.meta.url);

/** The paths of a JSON schema's properties: an account of the keys that does not come from `KEYS`. */
function pathsOf(node: unknown, path: string): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.entries(node).flatMap(([name, value]) => {
    if (name === 'properties') {
      return Object.entries(value).flatMap(([key, child]) => {
        const childPath = path === '' ? key : `${path}.${key}`;
        return [childPath, ...pathsOf(child, childPath)];
      });
    }
    if (name === 'items') return pathsOf(value, `${path}[]`);
    return Array.isArray(value) ? value.flatMap((option) => pathsOf(option, path)) : [];
  });
  return [...new Set(inner)];
}

const SCHEMA_PATHS = pathsOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), '');

test('every key of the schema is in the reference, and nothing else', (t) => {
  const groups = SCHEMA_PATHS.filter((path) => SCHEMA_PATHS.some((other) => other.startsWith(`${path}.`)));
  const isKey = (path: string) => !groups.includes(path) || ['database', 'admin'].includes(path);
  t.deepEqual(KEYS.map(({ path }) => path).toSorted(), SCHEMA_PATHS.filter(isKey).toSorted());

  const rows = renderReference().trimEnd().split('\n').slice(2);
  t.deepEqual(
    rows.map((row) => row.split(' | ')[0]),
    KEYS.map(({ path }) => `| \`${path}\``),
  );
});

test('every row of the reference has all of its cells', (t) => {
  for (const row of renderReference().trimEnd().split('\n')) {
    const cells = row.split(/(?<!\\)\|/).slice(1, -1);
    t.is(cells.length, 6, row);
    for (const cell of cells) t.not(cell.trim(), '', row);
  }
});

test('every key says in one sentence what it is for, and a number what zero means', (t) => {
  for (const { path, about, accepts, zero } of KEYS) {
    t.regex(about, /^[^\n]+\.$/, path);
    if (/^(?:duration|size|whole number)/.test(accepts)) t.truthy(zero, path);
  }
});

test('the example is what the defaults are', async (t) => {
  const yaml = await readFile(EXAMPLE, 'utf8');
  const workingDirectory = '/srv';
  const defaults = await configOf(t, { env: { WEIR_DATABASE: 'embedded' }, workingDirectory });
  t.deepEqual(
    await configOf(t, { yaml }).then(({ stateDir, ...rest }) => rest),
    (({ stateDir, ...rest }) => rest)(defaults),
  );
  t.is(defaults.stateDir, '/srv/.weir');
});

test('what the example leaves out can be uncommented', async (t) => {
  const yaml = (await readFile(EXAMPLE, 'utf8'))
    .replace(/^database: embedded\n/m, '')
    .replace(/^#(?=[a-z]| {2}[a-z#-])/gm, '');
  const config = await configOf(t, { yaml });
  t.is(config.node, 'edge-1');
  t.is(config.database.kind, 'url');
  t.deepEqual(
    config.listeners.map(({ kind }) => kind),
    ['tls', 'http', 'tcp'],
  );
});

test('the example explains every key as the reference does', async (t) => {
  const yaml = await readFile(EXAMPLE, 'utf8');
  const comments = yaml.replace(/\n *#? *# */g, ' ').replace(/\s+/g, ' ');
  for (const { path, about, default: standard, zero, accepts } of KEYS) {
    const name = path.split('.').at(-1) ?? path;
    t.regex(yaml, new RegExp(`(?:^|[\\s#{])${name}:`, 'm'), path);
    const at = comments.indexOf(about);
    t.not(at, -1, `${path}: ${about}`);
    const said = comments.slice(at, at + 500);
    if (standard !== null && path !== 'admin') t.true(said.includes(`Default: ${standard}.`), path);
    if (zero !== null) t.true(said.includes(`Zero: ${zero}.`), path);
    if (/^(?:duration|size|whole number|address)/.test(accepts))
      t.true(said.toLowerCase().includes(accepts.toLowerCase()), path);
  }
});
