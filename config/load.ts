import { z } from 'zod';
import type { Config } from './config.ts';
import { findConflicts } from './conflicts.ts';
import { readEnvironment } from './environment.ts';
import { readFileLayer } from './file.ts';
import { problemsOf } from './issues.ts';
import {
  emptyMap,
  formatPath,
  type Layer,
  overlay,
  type ReadLayer,
  sayerOf,
  sourceOf,
  sourcesOf,
  type TreeMap,
} from './layer.ts';
import { overridesLayer } from './overrides.ts';
import type { ConfigProblem, Source } from './problem.ts';
import { schema, type WrittenConfig } from './schema.ts';
import { resolveSettings, resolveSockets } from './settings.ts';

export interface LoadOptions {
  /** The YAML file, relative to the working directory; null for none. */
  readonly file: string | null;
  readonly env: NodeJS.ProcessEnv;
  /** What flags of the command line say, in the file's shape and names. They beat everything else. */
  readonly overrides?: WrittenConfig;
  /** `WEIR_…` variables that are the caller's own, such as `WEIR_CONFIG`. Others that are no key are errors. */
  readonly otherVariables?: readonly string[];
  /** @default process.cwd() */
  readonly workingDirectory?: string;
}

export type LoadedConfig =
  | {
      readonly kind: 'ok';
      readonly config: Config;
      /** Where each key's value is from, by path (`timeouts.idle`); keys at their default are not in it. */
      readonly sources: ReadonlyMap<string, Source>;
    }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

/**
 * Reads and checks the whole configuration: defaults, then the file, then the environment, then `overrides`, each over
 * the one before. Every source is checked in full, also where another one beats it, and all problems come at once.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { file, env, overrides = {}, otherVariables = [], workingDirectory = process.cwd() } = options;
  const fromFile = file === null ? NO_FILE : await readFileLayer(file, workingDirectory);
  const fromEnvironment = await readEnvironment({ env, otherVariables, workingDirectory });
  const layers = [fromFile.layer, fromEnvironment.layer, overridesLayer(overrides)];

  const written = layers.map(({ tree }) => tree).reduce((lower, upper) => overlay(lower, upper), emptyMap());
  const settings = schema.safeParse(written);
  const isFileRead = !fromFile.problems.some(isUnread);
  const problems = [
    ...fromFile.problems,
    ...fromEnvironment.problems,
    ...layers.flatMap(layerProblems),
    ...defaultProblems(settings.error?.issues ?? [], written),
    ...(isFileRead ? conflictProblems(written, layers) : []),
  ];
  if (!('database' in written) && isFileRead && !fromEnvironment.problems.some(isAboutDatabase)) {
    problems.push(missingDatabase(fromFile.layer.root));
  }
  if (problems.length > 0 || !settings.success) {
    return { kind: 'invalid', problems: problems.toSorted(inReadingOrder) };
  }
  const config = resolveSettings(settings.data, workingDirectory);
  return { kind: 'ok', config, sources: sourcesOf(written, layers) };
}

const DEFAULTS: Layer = { tree: {}, sources: new Map(), root: { kind: 'default' } };
const NO_FILE: ReadLayer = { layer: DEFAULTS, problems: [] };

/** What is wrong in one layer, whatever the others say. */
function layerProblems(layer: Layer): readonly ConfigProblem[] {
  const { error } = schema.safeParse(overlay(emptyMap(), layer.tree));
  return problemsOf(
    error?.issues.filter(({ path: [top] }) => top === undefined || top in layer.tree) ?? [],
    layer,
  );
}

/** What is wrong though nobody wrote it: a host's name that cannot be a node's. */
function defaultProblems(issues: readonly z.core.$ZodIssue[], written: TreeMap): readonly ConfigProblem[] {
  return problemsOf(
    issues.filter(({ path: [top] }) => top !== undefined && !(top in written)),
    DEFAULTS,
  );
}

const sockets = z.object({ listeners: schema.shape.listeners, admin: schema.shape.admin });

/** Conflicts are looked for whenever the listeners can be read, even if other keys are wrong. */
function conflictProblems(written: TreeMap, layers: readonly Layer[]): readonly ConfigProblem[] {
  const checked = sockets.safeParse(written);
  if (!checked.success) return [];
  return findConflicts(resolveSockets(checked.data)).map(({ paths: [later, earlier], message }) => {
    const isSaid = later !== undefined && sayerOf(later, layers) !== undefined;
    const path = isSaid ? later : (earlier ?? []);
    return {
      code: 'conflict',
      source: sourceOf(sayerOf(path, layers) ?? DEFAULTS, path),
      path: formatPath(path),
      message,
    };
  });
}

/** The file from top to bottom; the others as they come. */
function inReadingOrder({ source: one }: ConfigProblem, { source: other }: ConfigProblem): number {
  if (one.kind !== 'file' || other.kind !== 'file')
    return Number(other.kind === 'file') - Number(one.kind === 'file');
  const [here, there] = [one.position, other.position];
  return (here?.line ?? 0) - (there?.line ?? 0) || (here?.column ?? 0) - (there?.column ?? 0);
}

function isUnread({ code }: ConfigProblem): boolean {
  return code === 'unreadable' || code === 'syntax';
}

function isAboutDatabase({ path }: ConfigProblem): boolean {
  return path === 'database' || path.startsWith('database.');
}

function missingDatabase(source: Source): ConfigProblem {
  const message =
    'is not set; write "database: embedded" for a PostgreSQL that weir runs itself, or "database: { url: postgres://… }", ' +
    'or set WEIR_DATABASE=embedded, WEIR_DATABASE_URL or WEIR_DATABASE_URL_FILE';
  return { code: 'missing', source, path: 'database', message };
}
