import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { importProblems } from './support/import-rule.ts';
import { importsOf } from './support/imports.ts';

const ROOT = join(import.meta.dirname, '..');

test('imports go one way: config, routing, edge', async (t) => {
  const sources = await readSources();

  t.true(sources.size > 30);
  t.deepEqual(importProblems(sources), []);
});

test('an edge that is known to routing is found', (t) => {
  t.deepEqual(breach('routing/table/a.ts', `import { b } from '../../edge/wire/b.ts';`), [
    'routing/table/a.ts imports edge/wire/b.ts: routing may not know edge',
  ]);
  t.deepEqual(breach('config/a.ts', `import type { B } from '../routing/model/b.ts';`), [
    'config/a.ts imports routing/model/b.ts: config may not know routing',
  ]);
  t.deepEqual(breach('edge/process/a.ts', `import { b } from '../../test/support/b.ts';`), [
    'edge/process/a.ts imports test/support/b.ts: edge may not know test',
  ]);
});

test('a parser or a model that looks outside of its folder is found', (t) => {
  t.deepEqual(breach('edge/wire/a.ts', `import { b } from '../../routing/model/b.ts';`), [
    'edge/wire/a.ts imports routing/model/b.ts from outside of edge/wire/',
  ]);
  t.deepEqual(breach('routing/model/a.ts', `import type { B } from '../table/b.ts';`), [
    'routing/model/a.ts imports routing/table/b.ts from outside of routing/model/',
  ]);
});

test('a package away from its home is found', (t) => {
  t.deepEqual(breach('edge/process/a.ts', `import { Command } from 'commander';`), [
    'edge/process/a.ts imports commander, which belongs in edge/cli/',
  ]);
  t.deepEqual(breach('edge/cli/a.ts', `const { Client } = await import('pg');`), [
    'edge/cli/a.ts imports pg, which belongs in routing/control/ or routing/stream/',
  ]);
});

test('what a worker must not load is found through any number of files, and types do not count', (t) => {
  const sources = new Map([
    ['edge/process/worker.ts', `import { a } from './a.ts';\nimport type { C } from '../../config/c.ts';`],
    ['edge/process/a.ts', `import { b } from '../observe/b.ts';`],
    ['edge/observe/b.ts', `import { Registry } from 'prom-client';`],
    ['config/c.ts', `import { z } from 'zod';`],
  ]);

  t.deepEqual(importProblems(sources), [
    'a worker loads prom-client: edge/process/worker.ts → edge/process/a.ts → edge/observe/b.ts imports it',
  ]);
});

test('a circle of imports is found, and one that types close is not', (t) => {
  t.deepEqual(
    importProblems(
      new Map([
        ['edge/process/a.ts', `import { b } from './b.ts';`],
        ['edge/process/b.ts', `import { a } from './a.ts';`],
      ]),
    ),
    ['imports run in a circle: edge/process/a.ts → edge/process/b.ts → edge/process/a.ts'],
  );
  t.deepEqual(
    importProblems(
      new Map([
        ['edge/process/a.ts', `import { b } from './b.ts';`],
        ['edge/process/b.ts', `import type { A } from './a.ts';`],
      ]),
    ),
    [],
  );
});

test('a barrel and a name that says nothing are found', (t) => {
  t.deepEqual(breach('edge/process/all.ts', `export { a } from './a.ts';`), [
    'edge/process/all.ts only passes on what others export',
  ]);
  t.deepEqual(breach('edge/process/socket-utils.ts', 'export const a = 1;'), [
    'edge/process/socket-utils.ts has a name that says nothing',
  ]);
});

test('imports are read in every form that they are written in, and not from comments', (t) => {
  const source = `
import defaults from 'one';
import * as all from 'two';
import {
  type A,
  b,
} from 'three';
import type { C } from 'four';
import 'five';
export type { D } from 'six';
// import { no } from 'no';
/** See import('no'). */
const lazy = await import('seven');
export const from = 'eight';
`;
  t.deepEqual(
    importsOf(source).map((one) => `${one.specifier}${one.isTypeOnly ? ' (type)' : ''}`),
    ['one', 'two', 'three', 'four (type)', 'six (type)', 'five', 'seven'],
  );
});

function breach(path: string, source: string): readonly string[] {
  return importProblems(new Map([[path, source]]));
}

async function readSources(): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  for (const top of ['config', 'routing', 'edge', 'bench', 'deploy', 'test']) {
    for (const file of await readdir(join(ROOT, top), { recursive: true })) {
      if (file.endsWith('.ts')) sources.set(`${top}/${file}`, await readFile(join(ROOT, top, file), 'utf8'));
    }
  }
  return sources;
}
