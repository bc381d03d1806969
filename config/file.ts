import { resolve } from 'node:path';
import { readDocument } from './document.ts';
import { isTreeMap, type Layer, type ReadLayer } from './layer.ts';
import type { Source } from './problem.ts';
import { readTextFile } from './text-file.ts';

/** Reads the configuration file, as far as it can be read. A file with nothing in it says nothing. */
export async function readFileLayer(file: string, workingDirectory: string): Promise<ReadLayer> {
  const root: Source = { kind: 'file', file, position: null };
  const nothing: Layer = { tree: {}, sources: new Map(), root };
  const broken = (code: 'unreadable' | 'syntax', message: string): ReadLayer => ({
    layer: nothing,
    problems: [{ code, source: root, path: '', message }],
  });

  const content = await readTextFile(resolve(workingDirectory, file));
  if (content.kind === 'invalid') return broken('unreadable', `the file ${content.problem}`);
  const { tree, sources, problems } = readDocument(content.value, [], (position) => ({
    kind: 'file',
    file,
    position,
  }));
  if (tree === null) return { layer: nothing, problems };
  if (!isTreeMap(tree)) return broken('syntax', 'the file must be a map of keys, like "node: edge-1"');
  return { layer: { tree, sources, root }, problems };
}
