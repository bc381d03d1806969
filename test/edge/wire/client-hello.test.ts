import { PassThrough } from 'node:stream';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { getExtensionData, readTlsClientHello } from 'read-tls-client-hello';
import { peekClientHello } from '../../../edge/wire/client-hello.ts';
import { capturedHello, helloMessage, inRecords, record } from '../../support/client-hello.ts';

const GREASE = { type: 0x8a8a, data: new Uint8Array(0) };
const ECH = { type: 0xfe0d, data: new Uint8Array(200) };
const POST_QUANTUM_SHARE = { type: 51, data: new Uint8Array(1300) };

test('reads name, protocols, ECH and record version', (t) => {
  const bytes = inRecords(helloMessage({ extensions: [GREASE, ECH] }));
  t.deepEqual(peekClientHello(bytes), {
    kind: 'hello',
    serverName: 'app.example.com',
    alpn: ['h2', 'http/1.1'],
    supportedVersions: [],
    legacyVersion: 0x0303,
    ech: 'outer',
    recordVersion: 0x0301,
  });
});

test('a hello without SNI has no name, with extensions or without', (t) => {
  const plain = {
    kind: 'hello',
    serverName: null,
    alpn: [],
    supportedVersions: [],
    legacyVersion: 0x0303,
    ech: null,
    recordVersion: 0x0301,
  };
  t.deepEqual(peekClientHello(inRecords(helloMessage({ serverName: null, alpn: [] }))), plain);
  t.deepEqual(peekClientHello(inRecords(helloMessage({ isWithoutExtensions: true }))), plain);
});

test('versions are read in their order, without GREASE', (t) => {
  const lists = [
    [0x0304, 0x0303],
    [0x0304],
    [0x0303, 0x0302],
    [0x0303, 0x0304],
    [0x0304, 0x0303, 0x7f1c],
    [],
  ];
  for (const versions of lists) {
    const greased = inRecords(helloMessage({ extensions: [versionsOf([0xfafa, ...versions, 0x1a1a])] }));
    t.like(peekClientHello(greased), { kind: 'hello', supportedVersions: versions });
  }
  t.like(peekClientHello(inRecords(helloMessage({ clientVersion: 0x0301 }))), { legacyVersion: 0x0301 });
});

test('any list of protocols is read in its order', (t) => {
  for (const alpn of [
    ['h2'],
    ['http/1.1'],
    ['h2', 'http/1.1'],
    ['http/1.1', 'h2'],
    ['acme-tls/1'],
    ['h2', 'x'],
  ]) {
    t.like(peekClientHello(inRecords(helloMessage({ alpn }))), { alpn });
  }
  t.like(peekClientHello(inRecords(helloMessage({ alpn: Array.from({ length: 128 }, () => 'h3') }))), {
    kind: 'hello',
  });
});

for (const [type, ech] of [
  [0, 'outer'],
  [1, 'inner'],
  [2, 'unknown'],
  [null, 'unknown'],
] as const) {
  test(`ECH of type ${type} is an offer that is ${ech}`, (t) => {
    const data = type === null ? Buffer.alloc(0) : Buffer.from([type, 0, 1, 0, 1, 7]);
    t.like(peekClientHello(inRecords(helloMessage({ extensions: [{ type: 0xfe0d, data }] }))), { ech });
  });
}

test('a hello with pre_shared_key as its last extension is read', (t) => {
  const extensions = [{ type: 41, data: Buffer.alloc(50) }];
  t.like(peekClientHello(inRecords(helloMessage({ extensions }))), {
    kind: 'hello',
    serverName: 'app.example.com',
  });
});

const CLIENTS = [
  { title: 'by default', options: { servername: 'app.example.com' } },
  { title: 'with ALPN', options: { servername: 'app.example.com', ALPNProtocols: ['h2', 'http/1.1'] } },
  { title: 'of TLS 1.2', options: { servername: 'app.example.com', maxVersion: 'TLSv1.2' } },
  { title: 'of TLS 1.3 only', options: { servername: 'app.example.com', minVersion: 'TLSv1.3' } },
  { title: 'without a name', options: { servername: '' } },
  { title: 'with a name of 253 characters', options: { servername: `${'a.'.repeat(124)}abcde` } },
] as const;

for (const { title, options } of CLIENTS) {
  test(`reads from Node's client ${title} what another parser reads`, async (t) => {
    const bytes = await capturedHello({
      ...options,
      ALPNProtocols: 'ALPNProtocols' in options ? [...options.ALPNProtocols] : [],
    });
    const stream = new PassThrough();
    stream.write(bytes);
    const oracle = await readTlsClientHello(stream);
    const peek = peekClientHello(bytes);
    if (peek.kind !== 'hello') return t.fail(peek.kind);
    t.is(peek.serverName, options.servername === '' ? null : options.servername);
    t.is(peek.serverName, getExtensionData(oracle, 'server_name')?.serverName ?? null);
    t.deepEqual(peek.alpn, getExtensionData(oracle, 'alpn')?.protocols ?? []);
  });
}

test('every prefix of a hello is incomplete, whatever it is spread over', async (t) => {
  const real = await capturedHello({ servername: 'app.example.com' });
  const hellos = [
    real,
    inRecords(real.subarray(5), 100),
    inRecords(helloMessage({ extensions: [POST_QUANTUM_SHARE] })),
    inRecords(helloMessage(), 1),
    inRecords(helloMessage(), 3),
    inRecords(helloMessage({ isWithoutExtensions: true })),
  ];
  for (const hello of hellos) {
    for (let end = 0; end < hello.length; end += 1) {
      if (peekClientHello(hello.subarray(0, end)).kind !== 'incomplete')
        return t.fail(`a prefix of ${end} bytes`);
    }
    t.is(peekClientHello(hello).kind, 'hello');
  }
});

test('a hello reads the same in records of every size', async (t) => {
  const real = await capturedHello({ servername: 'app.example.com', ALPNProtocols: ['h2'] });
  for (const message of [real.subarray(5), helloMessage({ extensions: [GREASE, ECH] })]) {
    const whole = peekClientHello(inRecords(message));
    t.is(whole.kind, 'hello');
    for (let size = 1; size < message.length; size += 1) {
      t.deepEqual(peekClientHello(inRecords(message, size)), whole);
    }
  }
});

testProp(
  'a hello reads the same in records of uneven sizes',
  [fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40 })],
  (t, sizes) => {
    const message = helloMessage();
    const records: Buffer[] = [];
    let at = 0;
    for (const size of sizes) {
      if (at < message.length) records.push(record(22, message.subarray(at, at + size)));
      at += size;
    }
    if (at < message.length) records.push(record(22, message.subarray(at)));
    t.deepEqual(peekClientHello(Buffer.concat(records)), peekClientHello(inRecords(message)));
  },
);

test('what follows the record of a hello is not looked at', (t) => {
  const hello = inRecords(helloMessage());
  const earlyData = record(23, Buffer.from('anything'));
  t.deepEqual(peekClientHello(Buffer.concat([hello, earlyData])), peekClientHello(hello));
});

test('reads a view into a larger buffer, and keeps nothing of it', (t) => {
  const hello = inRecords(helloMessage());
  const buffer = new Uint8Array(hello.length + 20);
  buffer.set(hello, 7);
  const peek = peekClientHello(buffer.subarray(7, 7 + hello.length));
  buffer.fill(0);
  t.like(peek, { kind: 'hello', serverName: 'app.example.com', alpn: ['h2', 'http/1.1'] });
});

test('any minor record version of TLS is read, 3.0 as well', (t) => {
  for (const version of [0x0300, 0x0301, 0x0302, 0x0303, 0x0304]) {
    t.like(peekClientHello(inRecords(helloMessage(), 50, version)), {
      kind: 'hello',
      recordVersion: version,
    });
  }
});

const NOT_TLS: readonly (readonly [string, Uint8Array])[] = [
  ['an HTTP request', Buffer.from('G')],
  ['an SSH banner', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
  ["a record of SSLv2's that is no hello", Buffer.from([0x80, 0x2e, 0x02])],
  ['an SSLv2 hello of a version that never was', Buffer.from([0x80, 0x2e, 0x01, 0x04])],
  ['an SSLv2 hello that is shorter than any can be', Buffer.from([0x80, 0x1b])],
  ['a TLS alert', record(21, Buffer.from([2, 40]))],
  ['TLS application data', record(23, Buffer.from('data'))],
  ['a zero', Buffer.from([0])],
  ['a handshake record of version 2', Buffer.from([22, 2])],
  ['DTLS', Buffer.from([22, 0xfe, 0xfd])],
];

for (const [what, bytes] of NOT_TLS) {
  test(`${what} is not TLS`, (t) => {
    t.is(peekClientHello(bytes).kind, 'not-tls');
  });
}

for (const version of [0x0002, 0x0300, 0x0301, 0x0303]) {
  test(`a hello in SSLv2's framing is told by its first bytes, of version ${version.toString(16)}`, (t) => {
    const hello = Buffer.from([
      0x80,
      0x2e,
      0x01,
      version >> 8,
      version & 0xff,
      0,
      21,
      0,
      0,
      0,
      16,
      1,
      0,
      0x80,
    ]);
    for (let end = 0; end < 5; end += 1) t.is(peekClientHello(hello.subarray(0, end)).kind, 'incomplete');
    for (let end = 5; end <= hello.length; end += 1) {
      t.is(peekClientHello(hello.subarray(0, end)).kind, 'sslv2');
    }
  });
}

const MESSAGE = helloMessage();
const MALFORMED: readonly (readonly [string, Uint8Array])[] = [
  ['a ServerHello', Buffer.from([22, 3, 1, 0, 100, 2])],
  ['a message of no length', Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0])],
  ['a message that is too short, before it has come', Buffer.from([22, 3, 1, 0, 44, 1, 0, 0, 40])],
  ['a message of 16 MiB, before it has come', Buffer.from([22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff])],
  ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
  [
    'an empty record within the hello',
    Buffer.concat([inRecords(MESSAGE.subarray(0, 9)), Buffer.from([22, 3, 1, 0, 0])]),
  ],
  ['a record of more than 2^14 bytes', Buffer.from([22, 3, 1, 0x40, 1])],
  ['a record of more than 2^14 bytes, by half its length', Buffer.from([22, 3, 1, 0x41])],
  [
    'a record that goes on after the hello',
    record(22, Buffer.concat([MESSAGE, Buffer.from([1])])).subarray(0, 9),
  ],
  ['an alert within the hello', Buffer.concat([inRecords(MESSAGE.subarray(0, 90)), Buffer.from([21])])],
  [
    'a record of version 2 within the hello',
    Buffer.concat([inRecords(MESSAGE.subarray(0, 2)), Buffer.from([22, 2])]),
  ],
  ['a hello of version 2', inRecords(helloMessage({ clientVersion: 0x0200 }))],
  ['a session id of 33 bytes', inRecords(helloMessage({ sessionIdBytes: 33 }))],
  ['no cipher suite', inRecords(helloMessage({ cipherSuites: [] }))],
  ['no compression method', inRecords(helloMessage({ compressionMethods: [] }))],
  ['an extension that is there twice', inRecords(helloMessage({ extensions: [GREASE, ECH, GREASE] }))],
  ['SNI twice', inRecords(helloMessage({ extensions: [{ type: 0, data: Buffer.from('\0\x04\0\0\x01a') }] }))],
  [
    'an empty SNI extension',
    inRecords(helloMessage({ serverName: null, extensions: [{ type: 0, data: Buffer.alloc(0) }] })),
  ],
  ['an empty name', inRecords(helloMessage({ serverName: '' }))],
  ['a name of 256 bytes', inRecords(helloMessage({ serverName: 'a'.repeat(256) }))],
  [
    'two names',
    inRecords(
      helloMessage({
        serverNames: [
          { type: 0, name: 'a.example' },
          { type: 0, name: 'b.example' },
        ],
      }),
    ),
  ],
  [
    'a name that is not a host_name',
    inRecords(helloMessage({ serverNames: [{ type: 1, name: 'a.example' }] })),
  ],
  [
    'an extension after pre_shared_key',
    inRecords(
      helloMessage({
        extensions: [
          { type: 41, data: Buffer.alloc(50) },
          { type: 21, data: Buffer.alloc(2) },
        ],
      }),
    ),
  ],
  ['an empty list of versions', inRecords(helloMessage({ extensions: [versionsOf([])] }))],
  [
    'a list of versions with half a version',
    inRecords(helloMessage({ extensions: [{ type: 43, data: Buffer.from([3, 3, 4, 3]) }] })),
  ],
  [
    'a list of versions that goes on',
    inRecords(helloMessage({ extensions: [{ type: 43, data: Buffer.from([2, 3, 4, 3, 3]) }] })),
  ],
  ['more than 128 protocols', inRecords(helloMessage({ alpn: Array.from({ length: 129 }, () => 'h2') }))],
  ['an empty protocol', inRecords(helloMessage({ alpn: ['h2', ''] }))],
  [
    'an empty protocol list',
    inRecords(helloMessage({ alpn: [], extensions: [{ type: 16, data: Buffer.from([0, 0]) }] })),
  ],
];

for (const [what, bytes] of MALFORMED) {
  test(`${what} is malformed`, (t) => {
    t.is(peekClientHello(bytes).kind, 'malformed');
  });
}

test('a hello with thousands of extensions is read, and each of them counts once', (t) => {
  const extensions = Array.from({ length: 10_000 }, (_, index) => ({
    type: 100 + index,
    data: new Uint8Array(0),
  }));
  t.is(peekClientHello(inRecords(helloMessage({ extensions }))).kind, 'hello');
  extensions.push({ type: 9000, data: new Uint8Array(0) });
  t.is(peekClientHello(inRecords(helloMessage({ extensions }))).kind, 'malformed');
});

test('the name is handed on byte for byte', (t) => {
  const serverName = Array.from({ length: 255 }, (_, code) => String.fromCharCode(code + 1)).join('');
  t.like(peekClientHello(inRecords(helloMessage({ serverName }))), { serverName });
});

test('no length in a hello can lie', (t) => {
  const hello = inRecords(helloMessage());
  t.is(peekClientHello(hello).kind, 'hello');
  for (const { at, size } of lengthFields(hello)) {
    const truth = hello.readUIntBE(at, size);
    const greatest = 256 ** size - 1;
    for (const lie of [
      0,
      1,
      truth - 2,
      truth - 1,
      truth + 1,
      truth + 2,
      truth + 100,
      greatest - 1,
      greatest,
    ]) {
      if (lie === truth || lie < 0 || lie > greatest) continue;
      const bytes = Buffer.from(hello);
      bytes.writeUIntBE(lie, at, size);
      // Only a message that says it is longer may still be waited for.
      const expected = at === 6 && lie > truth && lie < 131_396 ? 'incomplete' : 'malformed';
      t.is(peekClientHello(bytes).kind, expected, `the length at ${at} as ${lie} instead of ${truth}`);
    }
  }
});

testProp(
  'no bytes make it throw, and no answer but "incomplete" changes with more bytes',
  [hostileBytes()],
  (t, bytes) => {
    let final: ReturnType<typeof peekClientHello> | null = null;
    for (let end = 0; end <= bytes.length; end += 1) {
      const peek = peekClientHello(bytes.subarray(0, end));
      if (final === null && peek.kind !== 'incomplete') final = peek;
      if (final !== null) t.deepEqual(peek, final);
    }
    t.pass();
  },
);

/** Noise, and hellos with a few bytes changed, in one record or many. */
function hostileBytes(): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(400), value: fc.nat(255) });
  const changed = fc
    .record({
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      fragmentBytes: fc.integer({ min: 1, max: 300 }),
    })
    .map(({ changes, fragmentBytes }) => {
      const bytes = inRecords(helloMessage({ extensions: [GREASE] }), fragmentBytes);
      for (const { at, value } of changes) bytes[at % bytes.length] = value;
      return bytes;
    });
  return fc.oneof(fc.uint8Array({ maxLength: 300 }), changed);
}

interface LengthField {
  readonly at: number;
  readonly size: number;
}

/** Where the lengths of a well-formed hello in one record stand. */
function lengthFields(hello: Buffer): readonly LengthField[] {
  const fields: LengthField[] = [
    { at: 3, size: 2 },
    { at: 6, size: 3 },
  ];
  let at = 5 + 4 + 2 + 32;
  for (const size of [1, 2, 1]) {
    fields.push({ at, size });
    at += size + hello.readUIntBE(at, size);
  }
  fields.push({ at, size: 2 });
  at += 2;
  while (at < hello.length) {
    const type = hello.readUInt16BE(at);
    fields.push({ at: at + 2, size: 2 }, { at: at + 4, size: 2 });
    if (type === 0) fields.push({ at: at + 7, size: 2 });
    if (type === 16) fields.push({ at: at + 6, size: 1 });
    at += 4 + hello.readUInt16BE(at + 2);
  }
  return fields;
}

function versionsOf(versions: readonly number[]): { readonly type: number; readonly data: Uint8Array } {
  const bytes = versions.flatMap((version) => [version >> 8, version & 0xff]);
  return { type: 43, data: Buffer.from([bytes.length, ...bytes]) };
}
