import { posix } from 'node:path';
import { type Import, importsOf } from './imports.ts';

/** What each top folder may import of the others; the rest (bench, test, deploy) may import anything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  config: ['config'],
  routing: ['config', 'routing'],
  edge: ['config', 'routing', 'edge'],
};

/** Folders that import nothing of ours beside themselves. */
const CLOSED_FOLDERS = ['edge/wire/', 'routing/model/'];

/** The only places that may name a package: what a worker must not load stays out of its reach. */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  commander: ['edge/cli/'],
  pg: ['routing/control/', 'routing/stream/'],
  'pg-listen': ['routing/control/', 'routing/stream/'],
  'node-pg-migrate': ['routing/control/'],
  'prom-client': ['edge/observe/'],
  yaml: ['config/', 'routing/dns/', 'routing/manifest/'],
};

const WORKER = 'edge/process/worker.ts';

/** Each costs every worker megabytes, and none has work to do there. */
const NOT_IN_A_WORKER = ['pg', 'pg-listen', 'node-pg-migrate', 'prom-client', 'zod', 'yaml', 'commander'];

const EMPTY_NAME = /(?:^|[/.-])(?:utils?|helpers?|managers?)(?:[/.-]|$)|\/index\.ts$/;

/**
 * Holds `config ← routing ← edge` and what comes with it against a source tree.
 *
 * `sources` maps each path from the top of the repository to its text. Answers one sentence for each breach.
 */
export function importProblems(sources: ReadonlyMap<string, string>): readonly string[] {
  const files = new Map([...sources].map(([path, source]) => [path, importsOf(source)]));
  const problems: string[] = [];
  for (const [path, imports] of files) {
    if (EMPTY_NAME.test(path)) problems.push(`${path} has a name that says nothing`);
    if (isBarrel(sources.get(path) ?? '', imports))
      problems.push(`${path} only passes on what others export`);
    for (const { specifier } of imports) problems.push(...specifierProblems(path, specifier));
  }
  return [...problems, ...workerProblems(files), ...cycleProblems(files)];
}

function specifierProblems(path: string, specifier: string): readonly string[] {
  const top = topOf(path);
  const allowed = MAY_IMPORT[top];
  if (allowed === undefined) return [];

  if (!specifier.startsWith('.')) {
    const homes = PACKAGE_HOMES[packageOf(specifier)];
    if (homes === undefined || homes.some((home) => path.startsWith(home))) return [];
    return [`${path} imports ${specifier}, which belongs in ${homes.join(' or ')}`];
  }

  const target = resolve(path, specifier);
  if (!allowed.includes(topOf(target)))
    return [`${path} imports ${target}: ${top} may not know ${topOf(target)}`];
  const closed = CLOSED_FOLDERS.find((folder) => path.startsWith(folder));
  if (closed !== undefined && !target.startsWith(closed))
    return [`${path} imports ${target} from outside of ${closed}`];
  return [];
}

function isBarrel(source: string, imports: readonly Import[]): boolean {
  if (/^export\s+\*/m.test(source)) return true;
  const exports = source.match(/^export\b/gm)?.length ?? 0;
  return exports > 0 && exports === imports.filter((one) => one.isReExport).length;
}

function workerProblems(files: ReadonlyMap<string, readonly Import[]>): readonly string[] {
  const problems: string[] = [];
  const cameFrom = new Map([[WORKER, '']]);
  for (const path of cameFrom.keys()) {
    for (const { specifier } of runtimeImports(files, path)) {
      if (specifier.startsWith('.')) {
        const target = resolve(path, specifier);
        if (!cameFrom.has(target)) cameFrom.set(target, path);
      } else if (NOT_IN_A_WORKER.includes(packageOf(specifier))) {
        problems.push(`a worker loads ${specifier}: ${chainTo(path, cameFrom)} imports it`);
      }
    }
  }
  return problems;
}

function chainTo(path: string, cameFrom: ReadonlyMap<string, string>): string {
  const importer = cameFrom.get(path);
  return importer ? `${chainTo(importer, cameFrom)} → ${path}` : path;
}

/** Depth first; a file met again while its own imports are still being followed closes a cycle. */
function cycleProblems(files: ReadonlyMap<string, readonly Import[]>): readonly string[] {
  const problems: string[] = [];
  const finished = new Set<string>();
  const trail: string[] = [];

  const visit = (path: string): void => {
    if (finished.has(path)) return;
    const at = trail.indexOf(path);
    if (at !== -1) {
      problems.push(`imports run in a circle: ${[...trail.slice(at), path].join(' → ')}`);
      return;
    }
    trail.push(path);
    for (const { specifier } of runtimeImports(files, path)) {
      if (specifier.startsWith('.')) visit(resolve(path, specifier));
    }
    trail.pop();
    finished.add(path);
  };

  for (const path of files.keys()) visit(path);
  return problems;
}

function runtimeImports(files: ReadonlyMap<string, readonly Import[]>, path: string): readonly Import[] {
  return (files.get(path) ?? []).filter((one) => !one.isTypeOnly);
}

function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

function topOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
