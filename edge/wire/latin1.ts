/**
 * The bytes from `start` up to `end` as text, one character for each byte, so that no byte is lost or replaced on its
 * way to the parser that judges it. The text does not share memory with `bytes`.
 */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  // A concatenation of up to 12 characters stays flat in V8 and is several times cheaper than a call into C++.
  if (end - start > 12) {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return buffer.toString('latin1', start, end);
  }
  let text = '';
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
