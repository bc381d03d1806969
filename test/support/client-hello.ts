import { once } from 'node:events';
import { createServer } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';

/** The knobs of a synthetic hello; each default is what a plain client sends. */
export interface HelloKnobs {
  /** @default 'app.example.com'; null leaves the extension out */
  readonly serverName?: string | null;
  /** Raw entries of the SNI list instead of `serverName`. */
  readonly serverNames?: readonly { readonly type: number; readonly name: string }[];
  /** @default ['h2', 'http/1.1']; empty leaves the extension out */
  readonly alpn?: readonly string[];
  readonly clientVersion?: number;
  readonly sessionIdBytes?: number;
  readonly cipherSuites?: readonly number[];
  readonly compressionMethods?: readonly number[];
  /** After SNI and ALPN. */
  readonly extensions?: readonly { readonly type: number; readonly data: Uint8Array }[];
  /** Leaves the extensions out, and their length with them. */
  readonly isWithoutExtensions?: boolean;
}

/** A ClientHello as a handshake message: without records around it. */
export function helloMessage(knobs: HelloKnobs = {}): Buffer {
  const suites = knobs.cipherSuites ?? [0x1301, 0x1302, 0x1303, 0xc02b];
  const body = Buffer.concat([
    uint(knobs.clientVersion ?? 0x0303, 2),
    Buffer.alloc(32, 0xa5),
    vector(Buffer.alloc(knobs.sessionIdBytes ?? 32, 0x5a), 1),
    vector(Buffer.concat(suites.map((suite) => uint(suite, 2))), 2),
    vector(Buffer.from(knobs.compressionMethods ?? [0]), 1),
    knobs.isWithoutExtensions ? Buffer.alloc(0) : vector(Buffer.concat(helloExtensions(knobs)), 2),
  ]);
  return Buffer.concat([uint(1, 1), vector(body, 3)]);
}

/** A message in handshake records of at most `fragmentBytes` each. */
export function inRecords(message: Uint8Array, fragmentBytes = 16384, recordVersion = 0x0301): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += fragmentBytes) {
    records.push(record(22, message.subarray(at, at + fragmentBytes), recordVersion));
  }
  return Buffer.concat(records);
}

/** One TLS record. */
export function record(type: number, fragment: Uint8Array, recordVersion = 0x0301): Buffer {
  return Buffer.concat([uint(type, 1), uint(recordVersion, 2), vector(fragment, 2)]);
}

/** The first record that Node's own TLS client sends with these options. */
export async function capturedHello(options: ConnectionOptions = {}): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const client = connect({
    host: '127.0.0.1',
    port: address.port,
    rejectUnauthorized: false,
    ...options,
  });
  client.on('error', () => {}); // the server never answers
  try {
    const [socket] = await once(server, 'connection');
    let bytes = Buffer.alloc(0);
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt16BE(3)) break;
    }
    return bytes;
  } finally {
    client.destroy();
    server.close();
  }
}

function helloExtensions(knobs: HelloKnobs): readonly Buffer[] {
  const serverName = knobs.serverName === undefined ? 'app.example.com' : knobs.serverName;
  const names = knobs.serverNames ?? (serverName === null ? [] : [{ type: 0, name: serverName }]);
  const alpn = knobs.alpn ?? ['h2', 'http/1.1'];
  const extensions: Buffer[] = [];
  if (names.length > 0) extensions.push(extension(0, vector(Buffer.concat(names.map(serverNameEntry)), 2)));
  if (alpn.length > 0) {
    const protocols = alpn.map((protocol) => vector(Buffer.from(protocol, 'latin1'), 1));
    extensions.push(extension(16, vector(Buffer.concat(protocols), 2)));
  }
  for (const { type, data } of knobs.extensions ?? []) extensions.push(extension(type, data));
  return extensions;
}

function serverNameEntry(entry: { readonly type: number; readonly name: string }): Buffer {
  return Buffer.concat([uint(entry.type, 1), vector(Buffer.from(entry.name, 'latin1'), 2)]);
}

function extension(type: number, data: Uint8Array): Buffer {
  return Buffer.concat([uint(type, 2), vector(data, 2)]);
}

function vector(bytes: Uint8Array, lengthBytes: number): Buffer {
  return Buffer.concat([uint(bytes.length, lengthBytes), bytes]);
}

function uint(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}
