import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseFile } from '../../routing/control/embedded/database-file.ts';
import { isProcessAlive } from '../../routing/control/embedded/process-identity.ts';

/** What a state directory says about its embedded PostgreSQL. */
export type RunningDatabase =
  | { readonly kind: 'running'; readonly database: DatabaseFile }
  | { readonly kind: 'none' }
  /** The weir that had it was killed, and its PostgreSQL has ended too. */
  | { readonly kind: 'ended'; readonly pid: number }
  | { readonly kind: 'unusable'; readonly problem: string };

/** Reads `database.json`, which a weir with an embedded PostgreSQL keeps in its state directory while it runs. */
export async function readRunningDatabase(stateDir: string): Promise<RunningDatabase> {
  const path = join(stateDir, 'database.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'none' };
    return { kind: 'unusable', problem: `${path} cannot be read (${code})` };
  }

  const database = decode(text);
  if (database === null) return { kind: 'unusable', problem: `${path} was not written by weir` };
  return isProcessAlive(database.pid) ? { kind: 'running', database } : { kind: 'ended', pid: database.pid };
}

function decode(text: string): DatabaseFile | null {
  const { controlUrl, edgeUrl, adminUrl, pid } = fieldsOf(text);
  if (typeof controlUrl !== 'string' || typeof edgeUrl !== 'string' || typeof adminUrl !== 'string')
    return null;
  return typeof pid === 'number' ? { controlUrl, edgeUrl, adminUrl, pid } : null;
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}
