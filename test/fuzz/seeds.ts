import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The committed seeds of a target: one in each line of `seeds/NAME.txt`, in base64. */
export async function readSeeds(name: string): Promise<readonly Uint8Array[]> {
  const file = seedsFile(name);
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.filter((line) => line !== '').map((line) => Buffer.from(line, 'base64'));
}

export function seedsFile(name: string): string {
  return join(import.meta.dirname, 'seeds', `${name}.txt`);
}
