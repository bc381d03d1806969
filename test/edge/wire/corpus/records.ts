/** How many bytes the hello takes that a recording begins with, records included. */
export function helloBytes(recorded: Buffer): number {
  return joined(recorded).end;
}

/** The handshake message of that hello, without records around it. */
export function helloMessageOf(recorded: Buffer): Buffer {
  return joined(recorded).message;
}

/** Throws a RangeError where the recording ends before the message. */
function joined(recorded: Buffer): { readonly message: Buffer; readonly end: number } {
  const fragments: Buffer[] = [];
  let size = 0;
  let wholeSize = 4;
  let at = 0;
  while (size < wholeSize) {
    const end = at + 5 + recorded.readUInt16BE(at + 3);
    fragments.push(recorded.subarray(at + 5, end));
    size += end - at - 5;
    if (wholeSize === 4 && size >= 4) wholeSize += Buffer.concat(fragments).readUIntBE(1, 3);
    at = end;
  }
  return { message: Buffer.concat(fragments), end: at };
}
