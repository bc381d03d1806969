import { rmSync } from 'node:fs';
import path from 'node:path';
import { writePrivateFile } from './private-file.ts';

/** How other programs on this machine reach a running embedded database. */
export interface DatabaseFile {
  readonly controlUrl: string;
  readonly edgeUrl: string;
  readonly adminUrl: string;
  /** PostgreSQL's process: after a weir that was killed the file is still there, and the process may be too. */
  readonly pid: number;
}

/** Writes `database.json`. It holds passwords: only its owner may read it. */
export function writeDatabaseFile(stateDir: string, content: DatabaseFile): void {
  writePrivateFile(pathIn(stateDir), `${JSON.stringify(content, null, 2)}\n`);
}

/** Removes `database.json`; does nothing where there is none. */
export function removeDatabaseFile(stateDir: string): void {
  rmSync(pathIn(stateDir), { force: true });
}

function pathIn(stateDir: string): string {
  return path.join(stateDir, 'database.json');
}
