import { resolve } from 'node:path';
import { type ReadDocument, readDocument } from './document.ts';
import { KEYS, type KeyEntry } from './keys.ts';
import { emptyMap, type ReadLayer, type Tree } from './layer.ts';
import { nearest } from './nearest.ts';
import type { ConfigProblem, Position, Source } from './problem.ts';
import { quote } from './quote.ts';
import { readTextFile } from './text-file.ts';

const PREFIX = 'WEIR_';
const FILE_SUFFIX = '_FILE';

export interface EnvironmentOptions {
  readonly env: NodeJS.ProcessEnv;
  /** `WEIR_…` variables that are not keys of the configuration, and mean something to the caller. */
  readonly otherVariables: readonly string[];
  /** What the paths in `…_FILE` variables are relative to. */
  readonly workingDirectory: string;
}

/**
 * Reads every `WEIR_…` variable. Each key has one, and each of them a twin with `_FILE` that names a file to take the
 * value from. An empty variable is as good as none, since that is what unset ones become in compose files.
 *
 * What could not be read is left out of the layer.
 */
export async function readEnvironment(options: EnvironmentOptions): Promise<ReadLayer> {
  const tree = emptyMap();
  const sources = new Map<string, Source>();
  const problems: ConfigProblem[] = unknownVariables(options);

  for (const entry of KEYS) {
    const said = await sayingOf(entry, options);
    if (said.kind === 'nothing') continue;
    if (said.kind === 'problem') {
      problems.push(said.problem);
      continue;
    }
    const read = readValue(entry, said);
    problems.push(...read.problems);
    const isRead = read.tree !== null || read.problems.length === 0;
    if (isRead) problems.push(...put(tree, entry, said.variable, read.tree));
    for (const [path, source] of read.sources) sources.set(path, source);
    sources.set(entry.path, sourceAt(said.variable));
  }
  return {
    layer: { tree, sources, root: { kind: 'environment', variable: PREFIX, position: null } },
    problems,
  };
}

type Saying =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'text'; readonly variable: string; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: ConfigProblem };

async function sayingOf(
  { path, variable }: KeyEntry,
  { env, workingDirectory }: EnvironmentOptions,
): Promise<Saying> {
  if (variable === null) return { kind: 'nothing' };
  const text = env[variable] ?? '';
  const fileVariable = `${variable}${FILE_SUFFIX}`;
  const file = env[fileVariable] ?? '';
  if (file === '') return text === '' ? { kind: 'nothing' } : { kind: 'text', variable, text };

  const source = sourceAt(fileVariable);
  if (text !== '') {
    const message = `${variable} is set too; set one of them`;
    return { kind: 'problem', problem: { code: 'conflict', source, path, message } };
  }
  const content = await readTextFile(resolve(workingDirectory, file));
  if (content.kind === 'invalid') {
    const message = `the file ${quote(file)} ${content.problem}`;
    return { kind: 'problem', problem: { code: 'unreadable', source, path, message } };
  }
  return { kind: 'text', variable: fileVariable, text: content.value.replace(/\r?\n$/, '') };
}

/** A list is the one thing that a variable holds as YAML. */
function readValue(
  { path, isList }: KeyEntry,
  { variable, text }: { variable: string; text: string },
): ReadDocument {
  if (!isList) return { tree: text, sources: new Map(), problems: [] };
  const read = readDocument(text, [path], (position) => sourceAt(variable, position));
  return { ...read, problems: read.problems.map((problem) => ({ ...problem, path: problem.path || path })) };
}

/** Puts a value where its path says; `WEIR_ADMIN=off` and `WEIR_ADMIN_ADDRESS` cannot both be meant. */
function put(
  tree: Record<string, Tree>,
  { path }: KeyEntry,
  variable: string,
  value: Tree,
): readonly ConfigProblem[] {
  const groups = path.split('.');
  const name = groups.pop() ?? path;
  let around = tree;
  for (const [depth, group] of groups.entries()) {
    const inside = around[group];
    if (typeof inside === 'string') {
      const other = groups
        .slice(0, depth + 1)
        .join('_')
        .toUpperCase();
      const message = `${PREFIX}${other} is set too; set one of them`;
      return [{ code: 'conflict', source: sourceAt(variable), path, message }];
    }
    const own: Record<string, Tree> = Object.assign(emptyMap(), inside);
    around[group] = own;
    around = own;
  }
  around[name] = value;
  return [];
}

function unknownVariables({ env, otherVariables }: EnvironmentOptions): ConfigProblem[] {
  const known = KEYS.flatMap(({ variable }) =>
    variable === null ? [] : [variable, `${variable}${FILE_SUFFIX}`],
  );
  known.push(...otherVariables);
  return Object.keys(env)
    .filter(
      (name) => name.startsWith(PREFIX) && !known.includes(name) && !isServiceLink(name, env[name] ?? ''),
    )
    .sort()
    .map((name) => {
      const near = nearest(name, known);
      const message = `unknown variable; ${near === null ? 'no key has this name' : `did you mean ${near}?`}`;
      return { code: 'unknown-key', source: sourceAt(name), path: '', message };
    });
}

/**
 * Kubernetes and Docker put variables for each service into every container beside it (`WEIR_SERVICE_HOST`,
 * `WEIR_PORT=tcp://…`, `WEIR_PORT_443_TCP_ADDR`): a service called "weir" must not keep its own edge from starting.
 */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$/.test(name)) return true;
  if (/_PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(name)) return true;
  return name.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(value);
}

function sourceAt(variable: string, position: Position | null = null): Source {
  return { kind: 'environment', variable, position };
}
