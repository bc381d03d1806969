import { createHash, type Hash } from 'node:crypto';
import type { Change } from '../model/change.ts';
import { parseRevision, type Revision } from '../model/revision.ts';
import { FORMAT_VERSION, upcastFrom } from './snapshot-versions.ts';

/**
 * The last-known-good file, line by line:
 *
 *     {"format":"weir-snapshot","version":4,"history":"9f1c…","revision":42,"createdAt":"2026-01-31T12:00:00.000Z"}
 *     {"revision":7,"kind":"route","key":"tls/www.example.com","body":{…}}      once for each row
 *     {"rows":1}
 *     sha256 <64 hexadecimal digits over every byte before this line>
 *
 * The number of rows stands at the end because the rows are written while the table goes on changing.
 */
const FORMAT = 'weir-snapshot';

/** No row comes near it; a file without line ends is not read into memory to find that out. */
export const MAX_LINE_BYTES = 64 * 1024;

const HASH_PREFIX = 'sha256 ';

/** What a snapshot file says of itself. */
export interface SnapshotHeader {
  /** The database's line of revisions; null if it was never known. */
  readonly history: string | null;
  /** Deltas start after it. The rows are of this revision or newer. */
  readonly revision: Revision;
  readonly createdAt: Date;
}

export function encodeHeader({ history, revision, createdAt }: SnapshotHeader): string {
  return line({
    format: FORMAT,
    version: FORMAT_VERSION,
    history,
    revision,
    createdAt: createdAt.toISOString(),
  });
}

/** The lines of the rows, in one piece for one write. */
export function encodeRows(rows: readonly Change[]): string {
  let text = '';
  for (const { revision, kind, key, value } of rows) text += line({ revision, kind, key, body: value });
  return text;
}

export function encodeCount(rows: number): string {
  return line({ rows });
}

export function encodeHash(hash: Hash): string {
  return `${HASH_PREFIX}${hash.digest('hex')}\n`;
}

export function startHash(): Hash {
  return createHash('sha256');
}

/** What was found in a file's lines, or why it cannot be trusted. */
export type ParsedSnapshot =
  | { readonly kind: 'complete'; readonly header: SnapshotHeader }
  | { readonly kind: 'corrupt'; readonly problem: string };

/**
 * Takes a file's lines one by one and says at the end whether they are a whole and unchanged snapshot. Nothing that
 * came before that may be used.
 */
export class SnapshotParser {
  readonly #hash = startHash();
  readonly #onRow: (row: unknown) => void;
  #place: 'header' | 'rows' | 'hash' | 'end' = 'header';
  #header: SnapshotHeader | null = null;
  #upcast: (row: unknown) => unknown = (row) => row;
  #rows = 0;
  #problem: string | null = null;

  constructor(onRow: (row: unknown) => void) {
    this.#onRow = onRow;
  }

  /** Takes one line without its line feed; false once there is no point in going on. */
  take(bytes: Buffer): boolean {
    if (this.#place === 'hash') this.#takeHash(bytes);
    else if (this.#place === 'end') this.#problem = 'goes on after its checksum';
    else this.#takeHashed(bytes);
    return this.#problem === null;
  }

  /** Says what the lines amounted to; `isCutOff` if bytes without a line feed came after the last of them. */
  end(isCutOff: boolean): ParsedSnapshot {
    if (this.#problem !== null) return { kind: 'corrupt', problem: this.#problem };
    if (isCutOff || this.#place !== 'end' || this.#header === null)
      return { kind: 'corrupt', problem: 'is cut off' };
    return { kind: 'complete', header: this.#header };
  }

  #takeHashed(bytes: Buffer): void {
    this.#hash.update(bytes).update('\n');
    const value = parseJson(bytes);
    if (value === undefined) {
      this.#problem = 'has a line that is not JSON';
    } else if (this.#place === 'header') {
      this.#takeHeader(value);
    } else if ('rows' in value) {
      if (value['rows'] !== this.#rows)
        this.#problem = `has ${this.#rows} rows and should have ${value['rows']}`;
      this.#place = 'hash';
    } else {
      this.#rows += 1;
      this.#onRow(this.#upcast(value));
    }
  }

  #takeHeader(value: Readonly<Record<string, unknown>>): void {
    const header = headerOf(value);
    if (typeof header === 'string') this.#problem = header;
    else this.#header = header;
    this.#upcast = upcastFrom(value['version']) ?? this.#upcast;
    this.#place = 'rows';
  }

  #takeHash(bytes: Buffer): void {
    const expected = encodeHash(this.#hash).trimEnd();
    if (bytes.toString('latin1') !== expected) this.#problem = 'does not match its checksum';
    this.#place = 'end';
  }
}

function headerOf(value: Readonly<Record<string, unknown>>): SnapshotHeader | string {
  if (value['format'] !== FORMAT) return 'is not a snapshot';
  if (upcastFrom(value['version']) === null) {
    return `has the format version ${JSON.stringify(value['version'])}; this version of weir reads up to ${FORMAT_VERSION}`;
  }
  const { history } = value;
  const revision = parseRevision(value['revision']);
  const createdAt = new Date(typeof value['createdAt'] === 'string' ? value['createdAt'] : Number.NaN);
  const isHistory = typeof history === 'string' || history === null;
  if (revision.kind === 'invalid' || Number.isNaN(createdAt.getTime()) || !isHistory)
    return 'has a header that cannot be read';
  return { history, revision: revision.value, createdAt };
}

function parseJson(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
