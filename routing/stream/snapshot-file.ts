import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Change } from '../model/change.ts';
import type { Revision } from '../model/revision.ts';
import { decodeChange, type RejectedRow } from './decode-change.ts';
import type { RowStore } from './row-store.ts';
import {
  encodeCount,
  encodeHash,
  encodeHeader,
  encodeRows,
  MAX_LINE_BYTES,
  SnapshotParser,
  startHash,
} from './snapshot-format.ts';

/** What the last-known-good file holds, if it can be used. */
export type SnapshotRead =
  | {
      readonly kind: 'loaded';
      readonly history: string | null;
      readonly revision: Revision;
      readonly createdAt: Date;
      readonly changes: readonly Change[];
      /** Rows that an earlier version of weir took and this one does not. */
      readonly rejected: readonly RejectedRow[];
    }
  | { readonly kind: 'absent' }
  /** `problem` is a clause that goes after the file's name; `movedTo` is null where it could not be moved aside. */
  | { readonly kind: 'corrupt'; readonly problem: string; readonly movedTo: string | null };

/**
 * Reads and verifies a snapshot without holding the event loop for longer than one block of the file.
 *
 * A file that cannot be used is moved to `<path>.corrupt-<time>`, for whoever wants to know why and so that no later
 * start stumbles over it; an earlier one of these is removed.
 */
export async function readSnapshot(path: string): Promise<SnapshotRead> {
  const changes: Change[] = [];
  const rejected: RejectedRow[] = [];
  const parser = new SnapshotParser((row) => {
    const decoded = decodeChange(row);
    if (decoded.kind === 'ok') changes.push(decoded.change);
    else rejected.push(decoded);
  });
  let isCutOff: boolean;
  try {
    isCutOff = await feedLines(path, parser);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'absent' };
    return setAside(path, `cannot be read (${messageOf(error)})`);
  }
  const parsed = parser.end(isCutOff);
  if (parsed.kind === 'corrupt') return setAside(path, parsed.problem);
  return { kind: 'loaded', ...parsed.header, changes, rejected };
}

/** How a write ended; `problem` is a clause that goes after the file's name. */
export type SnapshotWrite =
  | { readonly kind: 'written'; readonly rows: number }
  | { readonly kind: 'failed'; readonly problem: string };

/** Rows for one write: about 256 KiB of text and some milliseconds of work. */
const ROWS_PER_WRITE = 1000;

/**
 * Writes the store's rows beside `path` and puts them in its place once they are on the disk (fsync of the file, rename,
 * fsync of the directory): at every moment `path` is a whole snapshot or absent. A failure leaves the file of before.
 *
 * The store may change meanwhile. The file's revision is that of the start, so that reading on from it brings whatever
 * the rows missed. Only one write to a path may run at a time.
 */
export async function writeSnapshot(path: string, store: RowStore): Promise<SnapshotWrite> {
  const unfinished = `${path}.unfinished`;
  try {
    const handle = await open(unfinished, 'w', 0o600);
    let rows: number;
    try {
      rows = await writeRows(handle, store);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
    await syncDirectory(dirname(path));
    return { kind: 'written', rows };
  } catch (error) {
    // What is left of it would keep a full disk full.
    await rm(unfinished, { force: true }).catch(() => {});
    return { kind: 'failed', problem: `cannot be written (${messageOf(error)})` };
  }
}

/** True if the file does not end with a line feed. */
async function feedLines(path: string, parser: SnapshotParser): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const block of createReadStream(path)) {
    const bytes: Buffer = rest.length === 0 ? block : Buffer.concat([rest, block]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      if (!parser.take(bytes.subarray(start, end))) return false;
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > MAX_LINE_BYTES) break;
  }
  return rest.length > 0;
}

const LINE_FEED = 0x0a;

async function setAside(path: string, problem: string): Promise<SnapshotRead> {
  const prefix = `${basename(path)}.corrupt-`;
  const movedTo = join(dirname(path), `${prefix}${new Date().toISOString().replaceAll(/[-:.]/g, '')}`);
  try {
    for (const name of await readdir(dirname(path))) {
      if (name.startsWith(prefix)) await rm(join(dirname(path), name), { recursive: true, force: true });
    }
    await rename(path, movedTo);
    return { kind: 'corrupt', problem, movedTo };
  } catch {
    return { kind: 'corrupt', problem, movedTo: null };
  }
}

async function writeRows(handle: FileHandle, store: RowStore): Promise<number> {
  const hash = startHash();
  const put = async (text: string): Promise<void> => {
    const bytes = Buffer.from(text);
    hash.update(bytes);
    // Unlike `write`, goes on after a short write, which is how a disk that fills up begins.
    await handle.writeFile(bytes);
  };
  await put(encodeHeader({ history: store.history, revision: store.revision, createdAt: new Date() }));
  let rows = 0;
  for (const chunk of store.chunks(ROWS_PER_WRITE)) {
    await put(encodeRows(chunk));
    rows += chunk.length;
  }
  await put(encodeCount(rows));
  await handle.writeFile(encodeHash(hash));
  return rows;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
