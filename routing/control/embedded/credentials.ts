import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { readJsonFile, writePrivateFile } from './private-file.ts';

/** What has to be the same at the next start, so that whoever was connected can come back. */
export interface Credentials {
  readonly admin: string;
  readonly control: string;
  readonly edge: string;
  /** Of the last start; null before the first. */
  readonly port: number | null;
}

const CREDENTIALS_FILE = 'postgres-credentials.json';
const PASSWORD_BYTES = 24;

/** The kept passwords, or null where there are none yet. Throws where the file cannot be used. */
export function readCredentials(stateDir: string): Credentials | null {
  const file = path.join(stateDir, CREDENTIALS_FILE);
  const content = readJsonFile(file);
  if (content === null) return null;
  const { admin, control, edge, port } = content as Readonly<Record<string, unknown>>;
  if (typeof admin !== 'string' || typeof control !== 'string' || typeof edge !== 'string') {
    throw new Error(`${file} does not hold the passwords of the embedded database; restore it`);
  }
  return { admin, control, edge, port: typeof port === 'number' ? port : null };
}

/** Keeps the passwords where only their owner may read them. */
export function writeCredentials(stateDir: string, credentials: Credentials): void {
  writePrivateFile(path.join(stateDir, CREDENTIALS_FILE), `${JSON.stringify(credentials)}\n`);
}

/** New passwords, of characters that need no escaping in a URL. */
export function generateCredentials(): Credentials {
  const password = () => randomBytes(PASSWORD_BYTES).toString('base64url');
  return { admin: password(), control: password(), edge: password(), port: null };
}
