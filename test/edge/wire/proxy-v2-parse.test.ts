import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import {
  Command,
  IPv4Address,
  IPv4ProxyAddress,
  IPv6Address,
  IPv6ProxyAddress,
  TransportProtocol,
  V2ProxyProtocol,
} from 'proxy-protocol-js';
import { crc32c } from '../../../edge/wire/crc32c.ts';
import { ipv6Bytes } from '../../../edge/wire/ip-bytes.ts';
import { ipv6Text } from '../../../edge/wire/ip-text.ts';
import { type ProxyHeader, peekProxyHeader } from '../../../edge/wire/proxy-header.ts';
import { encodeProxyV2 } from '../../../edge/wire/proxy-v2.ts';
import { proxyV2, tlv, V4_ADDRESSES, V6_ADDRESSES } from '../../support/proxy-v2.ts';

const V4: ProxyHeader['ends'] = {
  source: { address: '192.0.2.1', port: 51_000 },
  destination: { address: '198.51.100.1', port: 443 },
};
const V6: ProxyHeader['ends'] = {
  source: { address: '2001:db8::1', port: 51_000 },
  destination: { address: '2001:db8::2', port: 443 },
};

const NOTHING = { alpn: null, authority: null, uniqueId: null, privateLink: null };

/** §2.2 and §2.2.1 to §2.2.8. */
const VALID: readonly (readonly [string, Buffer, ProxyHeader['ends'], Partial<ProxyHeader['tlvs']>])[] = [
  ['TCP over IPv4', proxyV2({}), V4, {}],
  ['TCP over IPv6', proxyV2({ family: 0x21, addresses: V6_ADDRESSES }), V6, {}],
  [
    'IPv4-mapped IPv6',
    proxyV2({
      family: 0x21,
      addresses: Buffer.from(`${'0'.repeat(20)}ffffc0000201${'0'.repeat(20)}ffffc6336401c73801bb`, 'hex'),
    }),
    V4,
    {},
  ],
  ['a UNIX stream', proxyV2({ family: 0x31, addresses: Buffer.alloc(216, '/run/x\0') }), null, {}],
  [
    'a UNIX stream with a name',
    proxyV2({ family: 0x31, addresses: Buffer.alloc(216), tlvs: [tlv(2, 'a.example')] }),
    null,
    { authority: 'a.example' },
  ],
  ['LOCAL', proxyV2({ command: 0x20, family: 0, addresses: Buffer.alloc(0) }), null, {}],
  ['LOCAL with addresses', proxyV2({ command: 0x20, family: 0x11 }), null, {}],
  [
    'LOCAL with what would be wrong elsewhere',
    proxyV2({ command: 0x20, family: 0xff, addresses: Buffer.from([2, 0xff]) }),
    null,
    {},
  ],
  ['UNSPEC', proxyV2({ family: 0, addresses: Buffer.alloc(0) }), null, {}],
  [
    'UNSPEC with bytes that are to be skipped',
    proxyV2({ family: 0, addresses: Buffer.alloc(7, 0xff) }),
    null,
    {},
  ],
  [
    'ALPN, authority and unique id',
    proxyV2({ tlvs: [tlv(1, 'h2'), tlv(2, 'app.example.com'), tlv(5, '\x00\xffid')] }),
    V4,
    { alpn: 'h2', authority: 'app.example.com', uniqueId: '\x00\xffid' },
  ],
  ['values that are empty', proxyV2({ tlvs: [tlv(1, ''), tlv(2, ''), tlv(5, ''), tlv(0x7f, '')] }), V4, {}],
  [
    'a unique id of 128 bytes',
    proxyV2({ tlvs: [tlv(5, 'u'.repeat(128))] }),
    V4,
    { uniqueId: 'u'.repeat(128) },
  ],
  [
    'NOOP, NETNS and types that nobody knows, more than once',
    proxyV2({
      tlvs: [tlv(4, 'xx'), tlv(4, ''), tlv(0x30, 'blue'), tlv(0x30, 'red'), tlv(0xf1, 'x'), tlv(0, '')],
    }),
    V4,
    {},
  ],
  [
    'SSL with its own TLVs',
    proxyV2({
      tlvs: [tlv(0x20, Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), tlv(0x21, 'TLSv1.3'), tlv(0x23, '')]))],
    }),
    V4,
    {},
  ],
  [
    "AWS's endpoint",
    proxyV2({ tlvs: [tlv(0xea, '\x01vpce-08d2bf15fac5001c9')] }),
    V4,
    { privateLink: 'vpce-08d2bf15fac5001c9' },
  ],
  [
    "Azure's",
    proxyV2({ tlvs: [tlv(0xee, Buffer.from([1, 0x78, 0x56, 0x34, 0x12]))] }),
    V4,
    { privateLink: '305419896' },
  ],
  [
    "Google's",
    proxyV2({ tlvs: [tlv(0xe0, Buffer.from('ffffffffc0a86402', 'hex'))] }),
    V4,
    { privateLink: '18446744072646845442' },
  ],
  [
    'the same types with somebody else behind them',
    proxyV2({
      tlvs: [
        tlv(0xea, ''),
        tlv(0xea, '\x02vpce-1'),
        tlv(0xea, '\x01not an id'),
        tlv(0xee, 'Azure'),
        tlv(0xe0, 'Google'),
        tlv(0xea, '\x01vpce-1'),
      ],
    }),
    V4,
    { privateLink: 'vpce-1' },
  ],
  [
    'a checksum',
    withChecksum(proxyV2({ tlvs: [tlv(2, 'a'), tlv(3, Buffer.alloc(4)), tlv(5, 'id')] })),
    V4,
    { authority: 'a', uniqueId: 'id' },
  ],
  ['as many bytes as allowed', proxyV2({ tlvs: [tlv(4, Buffer.alloc(4096 - 16 - 12 - 3))] }), V4, {}],
];

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

const INVALID: readonly (readonly [string, Buffer])[] = [
  ...[0x01, 0x11, 0x31, 0x10, 0xf1].map((command) => [`version ${command}`, proxyV2({ command })] as const),
  ...[0x22, 0x23, 0x2f].map((command) => [`command ${command}`, proxyV2({ command })] as const),
  ...[0x01, 0x02, 0x10, 0x12, 0x13, 0x1f, 0x20, 0x22, 0x30, 0x32, 0x40, 0x41, 0xf1].map(
    (family) => [`family ${family}`, proxyV2({ family, addresses: Buffer.alloc(216) })] as const,
  ),
  ['IPv4 without addresses', proxyV2({ addresses: Buffer.alloc(0) })],
  ['IPv4 that is too short', proxyV2({ addresses: V4_ADDRESSES.subarray(1) })],
  ['IPv6 that is too short', proxyV2({ family: 0x21, addresses: V6_ADDRESSES.subarray(1) })],
  ['a UNIX socket that is too short', proxyV2({ family: 0x31, addresses: Buffer.alloc(215) })],
  ['one byte of a TLV', proxyV2({ tlvs: [Buffer.from([4])] })],
  ['two bytes of a TLV', proxyV2({ tlvs: [Buffer.from([4, 0])] })],
  ['a TLV that is longer than the header', proxyV2({ tlvs: [tlv(4, 'abc', 4)] })],
  ['a TLV that ends early', proxyV2({ tlvs: [tlv(4, 'abc', 2)] })],
  ['a TLV that claims 64 KiB', proxyV2({ tlvs: [tlv(4, 'abc', 0xffff)] })],
  ['a unique id of 129 bytes', proxyV2({ tlvs: [tlv(5, 'u'.repeat(129))] })],
  ['a checksum of 3 bytes', proxyV2({ tlvs: [tlv(3, 'abc')] })],
  ['a checksum of 5 bytes', proxyV2({ tlvs: [tlv(3, 'abcde')] })],
  ['an empty checksum', proxyV2({ tlvs: [tlv(3, '')] })],
  ['a wrong checksum', proxyV2({ tlvs: [tlv(3, 'abcd')] })],
  ['no checksum but zeroes', proxyV2({ tlvs: [tlv(3, Buffer.alloc(4))] })],
  ['two checksums', withChecksum(proxyV2({ tlvs: [tlv(3, Buffer.alloc(4)), tlv(3, Buffer.alloc(4))] }))],
  ['two ALPNs', proxyV2({ tlvs: [tlv(1, 'h2'), tlv(1, 'h2')] })],
  ['two names', proxyV2({ tlvs: [tlv(2, 'a'), tlv(2, 'b')] })],
  ['two unique ids', proxyV2({ tlvs: [tlv(5, 'a'), tlv(5, '')] })],
  ['SSL that is cut off', proxyV2({ tlvs: [tlv(0x20, '\x01\0\0\0')] })],
  ['SSL with a TLV that is longer', proxyV2({ tlvs: [tlv(0x20, `\x01\0\0\0\0\x21\0\x08TLSv1.3`)] })],
  ['SSL with half a TLV', proxyV2({ tlvs: [tlv(0x20, '\x01\0\0\0\0\x21')] })],
  ['more bytes than allowed', proxyV2({ tlvs: [tlv(4, Buffer.alloc(4096 - 16 - 12 - 3 + 1))] })],
  ['LOCAL with more bytes than allowed', proxyV2({ command: 0x20, length: 4081 })],
  ['a claim of 64 KiB', proxyV2({ length: 0xffff })],
];

for (const [what, bytes, ends, tlvs] of VALID) {
  test(`${what} is read, up to the header's end and no further`, (t) => {
    for (const after of ['', '\x16\x03\x01', bytes]) {
      const peek = peekProxyHeader(Buffer.concat([bytes, Buffer.from(after)]));
      t.deepEqual(peek, {
        kind: 'header',
        version: 2,
        consumed: bytes.length,
        ends,
        tlvs: { ...NOTHING, ...tlvs },
      });
    }
  });

  test(`every prefix of ${what} is incomplete`, (t) => {
    for (let length = 0; length < bytes.length; length += 1) {
      t.is(peekProxyHeader(bytes.subarray(0, length)).kind, 'incomplete', String(length));
    }
  });
}

for (const [what, bytes] of INVALID) {
  test(`${what} is refused`, (t) => {
    t.is(peekProxyHeader(Buffer.concat([bytes, Buffer.alloc(5000)])).kind, 'malformed');
  });
}

test('a header is refused at the first byte that makes it wrong, and too long a one before its bytes come', (t) => {
  const cases: readonly (readonly [Buffer, number])[] = [
    [proxyV2({ command: 0x11 }), 13],
    [proxyV2({ command: 0x22 }), 13],
    [proxyV2({ family: 0x12 }), 14],
    [proxyV2({ length: 4081 }), 16],
    [proxyV2({ length: 11 }), 16],
  ];
  for (const [bytes, at] of cases) {
    t.is(peekProxyHeader(bytes.subarray(0, at - 1)).kind, 'incomplete');
    t.is(peekProxyHeader(bytes.subarray(0, at)).kind, 'malformed');
  }
});

test('a signature with any byte changed is no header', (t) => {
  for (let at = 0; at < SIGNATURE.length; at += 1) {
    const bytes = proxyV2({});
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    t.is(peekProxyHeader(bytes).kind, 'not-proxy');
    t.is(peekProxyHeader(bytes.subarray(0, at + 1)).kind, 'not-proxy');
  }
});

test('an answer shares no memory with the bytes', (t) => {
  const bytes = proxyV2({ tlvs: [tlv(2, 'a-name-that-is-longer.example.com'), tlv(5, 'x'.repeat(40))] });
  const peek = peekProxyHeader(bytes);
  const before = structuredClone(peek);
  bytes.fill(0xff);
  t.deepEqual(peek, before);
});

const ADDRESS = fc.oneof(fc.ipV4(), fc.ipV6());
const PORT = fc.nat(0xffff);
const TEXT = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 128 });

testProp(
  'what the encoder writes, the parser reads',
  [ADDRESS, ADDRESS, PORT, PORT, fc.array(TEXT, { minLength: 6, maxLength: 6 }), fc.boolean()],
  (t, from, to, fromPort, toPort, [authority, alpn, uniqueId, org, app, env], hasChecksum) => {
    const bytes = encodeProxyV2({
      source: { address: from, port: fromPort },
      destination: { address: to, port: toPort },
      authority,
      alpn,
      uniqueId,
      org,
      app,
      env,
      hasChecksum,
    });
    t.deepEqual(peekProxyHeader(bytes), {
      kind: 'header',
      version: 2,
      consumed: bytes.length,
      ends: {
        source: { address: canonical(from), port: fromPort },
        destination: { address: canonical(to), port: toPort },
      },
      tlvs: {
        authority: authority || null,
        alpn: alpn || null,
        uniqueId: uniqueId || null,
        privateLink: null,
      },
    });
    t.is(peekProxyHeader(bytes.subarray(0, -1)).kind, 'incomplete');
  },
);

testProp(
  'a header whose checksum is right is refused with any bit changed',
  [fc.nat(), fc.nat(7)],
  (t, place, bit) => {
    const bytes = Buffer.from(
      encodeProxyV2({
        source: { address: '192.0.2.1', port: 51_000 },
        destination: { address: '198.51.100.1', port: 443 },
        authority: 'app.example.com',
        hasChecksum: true,
      }),
    );
    // What comes before says which parser reads it, and of two more bits the second makes it LOCAL.
    const at = 16 + (place % (bytes.length - 16));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
    const peek = peekProxyHeader(bytes);
    // A TLV type that is changed may be one without a checksum.
    if (bytes.includes(Buffer.from([3, 0, 4]), 16)) t.is(peek.kind, 'malformed');
    else t.not(peek.kind, 'incomplete');
  },
);

testProp('random bytes behind a signature never throw', [fc.uint8Array({ maxLength: 300 })], (t, tail) => {
  const bytes = Buffer.concat([SIGNATURE, tail]);
  const peek = peekProxyHeader(bytes);
  if (peek.kind === 'header') t.true(peek.consumed <= bytes.length);
  t.not(peek.kind, 'not-proxy');
});

testProp(
  'another encoder is understood',
  [fc.ipV4(), fc.ipV4(), PORT, PORT],
  (t, from, to, fromPort, toPort) => {
    const bytes = new V2ProxyProtocol(
      Command.PROXY,
      TransportProtocol.STREAM,
      new IPv4ProxyAddress(v4Of(from), fromPort, v4Of(to), toPort),
    ).build();
    const peek = peekProxyHeader(bytes);
    t.like(peek, { kind: 'header', consumed: bytes.length });
    if (peek.kind !== 'header') return;
    t.deepEqual(peek.ends, {
      source: { address: from, port: fromPort },
      destination: { address: to, port: toPort },
    });
  },
);

testProp('another encoder of IPv6 is understood', [fc.ipV6(), fc.ipV6()], (t, from, to) => {
  const bytes = new V2ProxyProtocol(
    Command.PROXY,
    TransportProtocol.STREAM,
    new IPv6ProxyAddress(v6Of(from), 1, v6Of(to), 2),
  ).build();
  const peek = peekProxyHeader(bytes);
  if (peek.kind !== 'header') return t.fail(peek.kind);
  t.deepEqual(peek.ends, {
    source: { address: canonical(from), port: 1 },
    destination: { address: canonical(to), port: 2 },
  });
});

function withChecksum(bytes: Buffer): Buffer {
  const sum = crc32c(bytes);
  for (
    let at = bytes.indexOf(Buffer.from([3, 0, 4]));
    at >= 0;
    at = bytes.indexOf(Buffer.from([3, 0, 4]), at + 7)
  )
    bytes.writeUInt32BE(sum, at + 3);
  return bytes;
}

function canonical(address: string): string {
  const bytes = ipv6Bytes(address);
  return bytes === null ? address : ipv6Text(bytes, 0);
}

function v4Of(address: string): IPv4Address {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return IPv4Address.createFrom([a, b, c, d]);
}

function v6Of(address: string): IPv6Address {
  return IPv6Address.createFrom([...(ipv6Bytes(address) ?? [])]);
}
