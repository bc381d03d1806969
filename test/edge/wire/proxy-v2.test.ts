import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { V2ProxyProtocol } from 'proxy-protocol-js';
import { crc32c } from '../../../edge/wire/crc32c.ts';
import { encodeProxyV2, PROXY_V2_LOCAL } from '../../../edge/wire/proxy-v2.ts';

const V4 = {
  source: { address: '192.0.2.1', port: 51000 },
  destination: { address: '198.51.100.255', port: 443 },
};
const V6 = {
  source: { address: '2001:db8::a', port: 51000 },
  destination: { address: 'fd00:1:2:3:4:5:6:7', port: 443 },
};

test('writes signature, command, family, length, addresses and ports', (t) => {
  t.deepEqual(
    hex(encodeProxyV2(V4)),
    '0d0a0d0a000d0a515549540a 21 11 000c c0000201 c63364ff c738 01bb'.replaceAll(' ', ''),
  );
  t.deepEqual(
    hex(encodeProxyV2(V6)),
    `0d0a0d0a000d0a515549540a 21 21 0024 20010db800000000000000000000000a fd000001000200030004000500060007 c738 01bb`.replaceAll(
      ' ',
      '',
    ),
  );
});

test('a header without TLVs is what another encoder writes, and can be read by it', (t) => {
  for (const header of [V4, V6]) {
    const parsed = V2ProxyProtocol.parse(encodeProxyV2(header));
    t.like(parsed.proxyAddress, { sourcePort: header.source.port, destinationPort: header.destination.port });
    t.is(hex(parsed.build()), hex(encodeProxyV2(header)));
  }
});

test('an IPv4-mapped address is written as the IPv4 that it stands for', (t) => {
  const mapped = {
    source: { address: '::ffff:192.0.2.1', port: 51000 },
    destination: { address: '::FFFF:c633:64ff', port: 443 },
  };
  t.is(hex(encodeProxyV2(mapped)), hex(encodeProxyV2(V4)));
});

test('where only one end is IPv4, both are written as IPv6', (t) => {
  const header = encodeProxyV2({ source: V4.source, destination: V6.destination });
  t.is(header[13], 0x21);
  t.is(hex(header.subarray(16, 32)), '00000000000000000000ffffc0000201');
});

test('a zone is left out', (t) => {
  const header = encodeProxyV2({ source: { address: 'fe80::1%eth0', port: 1 }, destination: V6.destination });
  t.is(hex(header.subarray(16, 32)), 'fe800000000000000000000000000001');
});

test('an unknown address makes the family UNSPEC and keeps the TLVs', (t) => {
  const header = encodeProxyV2({ ...V4, source: { address: '', port: 0 }, authority: 'a' });
  t.is(hex(header.subarray(12)), '2100000402000161');
});

test('TLVs follow in the order of their types, with the checksum last', (t) => {
  const header = encodeProxyV2({
    ...V4,
    authority: 'app.example.com',
    alpn: 'h2',
    uniqueId: '\x01\x02\x03',
    org: 'acme',
    app: 'shop',
    env: 'prod',
    hasChecksum: true,
  });
  t.deepEqual(
    tlvs(header, 12)
      .map(({ type, value }) => [type, value.toString('latin1')])

      .slice(0, -1),
    [
      [1, 'h2'],
      [2, 'app.example.com'],
      [5, '\x01\x02\x03'],
      [0xe4, 'acme'],
      [0xe5, 'shop'],
      [0xe6, 'prod'],
    ],
  );
  const checksum = tlvs(header, 12).at(-1);
  t.is(checksum?.type, 3);
  const zeroed = Buffer.from(header);
  zeroed.fill(0, header.length - 4);
  t.is(checksum?.value.readUInt32BE(), crc32c(zeroed));
  t.is(Buffer.from(header).readUInt16BE(14), header.length - 16);
});

test('a value that is too long is refused', (t) => {
  t.throws(() => encodeProxyV2({ ...V4, uniqueId: 'x'.repeat(129) }), { instanceOf: RangeError });
  t.throws(() => encodeProxyV2({ ...V4, authority: 'a'.repeat(65_536) }), { instanceOf: RangeError });
  t.throws(() => encodeProxyV2({ ...V4, authority: 'a'.repeat(65_530) }), { instanceOf: RangeError });
});

test('a connection of the edge itself begins with a header that says so and no more', (t) => {
  t.is(hex(PROXY_V2_LOCAL), '0d0a0d0a000d0a515549540a20000000');
});

testProp('every address is written as the URL parser reads it', [fc.ipV6()], (t, address) => {
  const header = encodeProxyV2({ source: { address, port: 0 }, destination: V6.destination });
  const written = hex(header.subarray(16, 32)).replace(/(....)(?=.)/g, '$1:');
  t.is(new URL(`http://[${written}]`).host, new URL(`http://[${address}]`).host);
});

/** RFC 3720 Appendix B.4, and the check value of the catalogue of CRCs. */
const CHECKSUMS: readonly (readonly [string, Uint8Array, number])[] = [
  ['nothing', new Uint8Array(0), 0],
  ['"123456789"', Buffer.from('123456789'), 0xe3069283],
  ['32 zeroes', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
];

for (const [what, bytes, checksum] of CHECKSUMS) {
  test(`the CRC-32C of ${what} is known`, (t) => {
    t.is(crc32c(bytes), checksum);
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function tlvs(header: Uint8Array, addressBytes: number): readonly { type: number; value: Buffer }[] {
  const bytes = Buffer.from(header);
  const found: { type: number; value: Buffer }[] = [];
  for (let at = 16 + addressBytes; at < bytes.length; ) {
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    found.push({ type: bytes.readUInt8(at), value: bytes.subarray(at + 3, end) });
    at = end;
  }
  return found;
}
