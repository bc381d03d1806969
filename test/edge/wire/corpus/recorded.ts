import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a real client said before it heard a word: its ClientHello, and early data after it where there was some. */
export interface Recorded {
  readonly name: string;
  /** Of the client. */
  readonly version: string;
  /** What was run, one after the other, with PORT and DIR in place of what they were. */
  readonly command: string;
  /** What the client was told to ask for. */
  readonly sni: string | null;
  readonly alpn: readonly string[];
  readonly bytes: Buffer;
}

/** All recorded first flights, in the order of their recipes. */
export async function readRecorded(): Promise<readonly Recorded[]> {
  const index = join(import.meta.dirname, 'index.json');
  if (!existsSync(index)) return [];
  const entries: Omit<Recorded, 'bytes'>[] = JSON.parse(await readFile(index, 'utf8'));
  return Promise.all(
    entries.map(async (entry) => ({
      ...entry,
      bytes: await readFile(join(import.meta.dirname, `${entry.name}.bin`)),
    })),
  );
}
