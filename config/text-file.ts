import { open } from 'node:fs/promises';
import { invalid, ok, type Parsed } from './parsed.ts';

/** A configuration is a page or two; whatever is longer was not meant, and may not even end (`/dev/zero`). */
const MAX_FILE_BYTES = 1024 * 1024;

/** Reads a small UTF-8 file. What is wrong comes back as a clause that follows the file's name. */
export async function readTextFile(path: string): Promise<Parsed<string>> {
  try {
    await using file = await open(path, 'r');
    const chunks: Buffer[] = [];
    let length = 0;
    // `end` counts the last byte in: one more than allowed is enough to know.
    for await (const chunk of file.createReadStream({ end: MAX_FILE_BYTES, autoClose: false })) {
      chunks.push(chunk);
      length += chunk.length;
    }
    if (length > MAX_FILE_BYTES) return invalid('is longer than 1MiB; is it the right file?');
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch (error) {
    return invalid(whyUnreadable(error));
  }
}

function whyUnreadable(error: unknown): string {
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
