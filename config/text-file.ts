import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { invalid, ok, type Parsed } from './parsed.ts';
import { formatSize } from './size.ts';

/** A configuration is a page or two; whatever is longer was not meant, and may not even end (`/dev/zero`). */
const MAX_FILE_BYTES = 1024 * 1024;

/** Reads a UTF-8 file of up to `maxBytes`. What is wrong comes back as a clause that follows the file's name. */
export async function readTextFile(path: string, maxBytes = MAX_FILE_BYTES): Promise<Parsed<string>> {
  try {
    await using file = await open(path, 'r');
    // `end` counts the last byte in: one more than allowed is enough to know.
    return await readTextStream(file.createReadStream({ end: maxBytes, autoClose: false }), maxBytes);
  } catch (error) {
    return invalid(whyUnreadable(error));
  }
}

/** Reads UTF-8 text of up to `maxBytes` to the end of a stream, which is destroyed where there is more. */
export async function readTextStream(stream: Readable, maxBytes: number): Promise<Parsed<string>> {
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stream) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) return invalid(`is longer than ${formatSize(maxBytes)}; is it the right file?`);
    }
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch (error) {
    return invalid(whyUnreadable(error));
  }
}

/** Why a file or directory cannot be read, as a clause that follows its name. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user';
    case 'EISDIR':
      return 'is a directory';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'is not UTF-8 text';
    default:
      return `cannot be read (${typeof code === 'string' ? code : 'unknown error'})`;
  }
}
