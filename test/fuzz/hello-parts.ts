/** A ClientHello taken apart (RFC 8446 §4.1.2), by other code than the one that is tested. */
export interface HelloParts {
  readonly version: number;
  readonly random: Buffer;
  readonly sessionId: Buffer;
  readonly suites: Buffer;
  readonly compression: Buffer;
  readonly extensions: readonly Extension[] | null;
}

export interface Extension {
  readonly type: number;
  readonly data: Uint8Array;
}

/** Null where a length does not fit. */
export function partsOf(message: Buffer): HelloParts | null {
  if (message[0] !== 1 || message.length !== 4 + message.readUIntBE(1, 3)) return null;
  const sessionId = vectorAt(message, 38, 1);
  const suites = vectorAt(message, 39 + sessionId.length, 2);
  const compressionAt = 41 + sessionId.length + suites.length;
  const compression = vectorAt(message, compressionAt, 1);
  const parts = {
    version: message.readUInt16BE(4),
    random: message.subarray(6, 38),
    sessionId,
    suites,
    compression,
  };
  const extensionsAt = compressionAt + 1 + compression.length;
  if (extensionsAt === message.length) return { ...parts, extensions: null };

  const list = vectorAt(message, extensionsAt, 2);
  const extensions: Extension[] = [];
  for (let at = 0; at < list.length; ) {
    const data = vectorAt(list, at + 2, 2);
    extensions.push({ type: list.readUInt16BE(at), data });
    at += 4 + data.length;
  }
  return { ...parts, extensions };
}

/** The message with lengths that fit, as far as they have room. */
export function helloOf({ version, random, sessionId, suites, compression, extensions }: HelloParts): Buffer {
  const listed = extensions?.map(({ type, data }) => Buffer.concat([uint(type, 2), vector(data, 2)]));
  const body = Buffer.concat([
    uint(version, 2),
    random,
    vector(sessionId, 1),
    vector(suites, 2),
    vector(compression, 1),
    ...(listed === undefined ? [] : [vector(Buffer.concat(listed), 2)]),
  ]);
  return Buffer.concat([uint(1, 1), vector(body, 3)]);
}

function vectorAt(bytes: Buffer, at: number, lengthBytes: number): Buffer {
  const size = bytes.readUIntBE(at, lengthBytes);
  const end = at + lengthBytes + size;
  if (end > bytes.length) throw new RangeError('a length does not fit');
  return bytes.subarray(at + lengthBytes, end);
}

function vector(bytes: Uint8Array, lengthBytes: number): Buffer {
  return Buffer.concat([uint(bytes.length, lengthBytes), bytes]);
}

function uint(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value % 256 ** size, 0, size);
  return bytes;
}
