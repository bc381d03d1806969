import { helloMessageOf } from '../edge/wire/corpus/records.ts';
import { record } from '../support/client-hello.ts';
import { type Extension, type HelloParts, helloOf, partsOf } from './hello-parts.ts';
import { mutated, type Stock } from './mutate.ts';
import type { Random } from './random.ts';

/** Changes what a hello says and keeps its lengths right, so that the change is reached; null where it is not a hello. */
export function mutatedHello(input: Uint8Array, stock: Stock, random: Random): Uint8Array | null {
  let parts = partsOfInput(input);
  if (parts === null) return null;
  const changes = 1 + random.small(4);
  for (let change = 0; change < changes; change += 1) parts = changedParts(parts, stock, random);
  const bytes = framed(helloOf(parts), random);
  return bytes.length > stock.maxBytes ? bytes.subarray(0, stock.maxBytes) : bytes;
}

function partsOfInput(input: Uint8Array): HelloParts | null {
  try {
    return partsOf(helloMessageOf(Buffer.from(input)));
  } catch {
    return null; // it reads past the end of what is no hello
  }
}

function changedParts(parts: HelloParts, stock: Stock, random: Random): HelloParts {
  if (random.oneIn(12)) {
    const sessionId = random.of([0, 1, 31, 32, 33, 255]);
    return { ...parts, sessionId: Buffer.alloc(sessionId, 7) };
  }
  if (random.oneIn(12)) return { ...parts, suites: Buffer.alloc(random.small(300), random.below(256)) };
  if (random.oneIn(24)) return { ...parts, compression: Buffer.alloc(random.small(4)) };
  if (random.oneIn(24))
    return { ...parts, version: random.of([0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x0200]) };
  if (random.oneIn(40)) return { ...parts, extensions: null };
  return { ...parts, extensions: changedExtensions([...(parts.extensions ?? [])], stock, random) };
}

function changedExtensions(extensions: Extension[], stock: Stock, random: Random): readonly Extension[] {
  const at = random.below(extensions.length + 1);
  const there = extensions[at];
  switch (random.below(9)) {
    case 0:
      return extensions.toSpliced(at, 1);
    case 1:
      return there === undefined
        ? extensions
        : extensions.toSpliced(random.below(extensions.length + 1), 0, there);
    case 2:
      return there === undefined ? extensions : [...extensions.toSpliced(at, 1), there];
    case 3:
      return extensions.toSpliced(at, 0, {
        type: random.below(16) * 0x1010 + 0x0a0a,
        data: Buffer.alloc(random.small(3)),
      });
    case 4:
      return extensions.toSpliced(at, 0, {
        type: random.below(65536),
        data: Buffer.alloc(random.small(40), 1),
      });
    case 5: {
      const other = knownExtension(random);
      return [...extensions.filter(({ type }) => type !== other.type).toSpliced(at, 0, other)];
    }
    case 6: {
      const many = Array.from({ length: random.small(random.oneIn(32) ? 3000 : 100) }, (_, index) => ({
        type: 1000 + index,
        data: NOTHING,
      }));
      return extensions.toSpliced(at, 0, ...many);
    }
    default:
      return there === undefined
        ? extensions
        : extensions.with(at, { ...there, data: mutated(there.data, { ...stock, maxBytes: 4000 }, random) });
  }
}

const NOTHING = new Uint8Array(0);

/** One that is read, with what is worth reading in it. */
function knownExtension(random: Random): Extension {
  switch (random.below(5)) {
    case 0: {
      const name = Buffer.from(random.of(NAMES), 'latin1');
      const entries = random.oneIn(8) ? [name, name] : [name];
      const list = entries.map((entry) =>
        Buffer.concat([Buffer.of(random.oneIn(16) ? 1 : 0), vector(entry, 2)]),
      );
      return { type: 0, data: vector(Buffer.concat(list), 2) };
    }
    case 1: {
      const protocols = Array.from({ length: random.small(random.oneIn(8) ? 300 : 6) }, () =>
        vector(Buffer.from(random.of(PROTOCOLS), 'latin1'), 1),
      );
      return { type: 16, data: vector(Buffer.concat(protocols), 2) };
    }
    case 2: {
      const versions = Array.from({ length: random.small(8) }, () => random.of(VERSIONS));
      return { type: 43, data: vector(Buffer.from(versions.flatMap((each) => [each >> 8, each & 0xff])), 1) };
    }
    case 3:
      return { type: 0xfe0d, data: Buffer.alloc(random.small(200), random.below(3)) };
    default:
      return { type: 41, data: Buffer.alloc(random.small(300), 3) };
  }
}

const NAMES = [
  'app.example.com',
  'APP.Example.COM.',
  'a',
  '',
  '.',
  'xn--bcher-kva.example',
  'b\xfccher.example',
  'a\0b.example',
  '192.0.2.1',
  '[2001:db8::1]',
  '_x.example.com',
  '*.example.com',
  'a'.repeat(64),
  `${'a.'.repeat(126)}a`,
  'a'.repeat(255),
  'a'.repeat(256),
];
const PROTOCOLS = ['h2', 'http/1.1', 'acme-tls/1', 'h3', '', '\x0a\x0a', 'x'.repeat(255), 'imap', '\0'];
const VERSIONS = [0x0304, 0x0303, 0x0302, 0x0301, 0x0300, 0x0a0a, 0xfafa, 0x7f1c, 0x0a1a];

/** In one record or in many, some of which may be what they must not be, and with data behind now and then. */
function framed(message: Buffer, random: Random): Buffer {
  const version = random.of([0x0301, 0x0301, 0x0303, 0x0300, 0x0304, 0x03ff]);
  const largest = random.oneIn(2) ? 16384 : random.of([1, 2, 3, 5, 16, 100, 1000, 1000]);
  const hello = split(message, version, () => (largest === 16384 ? largest : 1 + random.below(largest)));
  const behind = random.oneIn(4)
    ? record(random.of([20, 23, 22]), Buffer.alloc(random.small(400), 9), 0x0303)
    : NOTHING;
  const before = random.oneIn(40)
    ? record(random.of([20, 21, 22, 23]), Buffer.alloc(random.small(3), 1))
    : NOTHING;
  return Buffer.concat([before, hello, behind]);
}

/** As `inRecords`, at a cost that a million calls allow. */
function split(message: Buffer, version: number, nextSize: () => number): Buffer {
  const bytes = Buffer.alloc(6 * message.length);
  let filled = 0;
  for (let at = 0; at < message.length; ) {
    const size = Math.min(nextSize(), message.length - at);
    bytes[filled] = 22;
    bytes.writeUInt16BE(version, filled + 1);
    bytes.writeUInt16BE(size, filled + 3);
    message.copy(bytes, filled + 5, at, at + size);
    filled += 5 + size;
    at += size;
  }
  return bytes.subarray(0, filled);
}

function vector(bytes: Uint8Array, lengthBytes: 1 | 2): Buffer {
  const size = Buffer.alloc(lengthBytes);
  const limit = 256 ** lengthBytes;
  size.writeUIntBE(bytes.length % limit, 0, lengthBytes);
  return Buffer.concat([size, bytes]);
}
