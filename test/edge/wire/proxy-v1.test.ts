import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { INETProtocol, Peer, V1ProxyProtocol } from 'proxy-protocol-js';
import { type ProxyHeader, peekProxyHeader } from '../../../edge/wire/proxy-header.ts';

type Ends = ProxyHeader['ends'];

const ends = (source: string, sourcePort: number, destination: string, destinationPort: number): Ends => ({
  source: { address: source, port: sourcePort },
  destination: { address: destination, port: destinationPort },
});

/** PROXY protocol §2.1, its limits and its examples. */
const VALID: readonly (readonly [string, Ends])[] = [
  ['PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n', ends('192.168.0.1', 56_324, '192.168.0.11', 443)],
  [
    'PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n',
    ends('255.255.255.255', 65_535, '255.255.255.255', 65_535),
  ],
  ['PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n', ends('0.0.0.0', 0, '0.0.0.0', 0)],
  ['PROXY TCP6 2001:db8::1 2001:DB8:0::2 1 2\r\n', ends('2001:db8::1', 1, '2001:db8::2', 2)],
  [
    'PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n',
    ends(
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      65_535,
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      65_535,
    ),
  ],
  ['PROXY TCP6 :: ::1 0 443\r\n', ends('::', 0, '::1', 443)],
  // A dual-stack sender's view of an IPv4 client.
  ['PROXY TCP6 ::ffff:192.0.2.1 ::ffff:c633:6401 1 2\r\n', ends('192.0.2.1', 1, '198.51.100.1', 2)],
  ['PROXY UNKNOWN\r\n', null],
  ['PROXY UNKNOWN \r\n', null],
  [
    'PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n',
    null,
  ],
  ['PROXY UNKNOWN whatever  else\t\x00\xff stands here\r\n', null],
];

const V4 = 'PROXY TCP4 192.0.2.1 198.51.100.1 51000 443';
const V6 = 'PROXY TCP6 2001:db8::1 2001:db8::2 51000 443';

const INVALID: readonly string[] = [
  // The line's end.
  `${V4}\n`,
  `${V4}\r`.padEnd(60, '\r'),
  `${V4}\r \n`,
  `${V4}\n\r\n`,
  'PROXY UNKNOWN a\nb\r\n',
  'PROXY UNKNOWN a\rb\r\n',
  'PROXY UNKNOWN\n',
  // The longest line there is, and one more.
  `PROXY UNKNOWN ${'x'.repeat(92)}\r\n`,
  'PROXY UNKNOWN '.padEnd(107, 'x'),
  // The words.
  'PROXY\r\n',
  'PROXY \r\n',
  'PROXY  TCP4 192.0.2.1 198.51.100.1 51000 443\r\n',
  'PROXY\tTCP4 192.0.2.1 198.51.100.1 51000 443\r\n',
  'PROXY tcp4 192.0.2.1 198.51.100.1 51000 443\r\n',
  'PROXY TCP5 192.0.2.1 198.51.100.1 51000 443\r\n',
  'PROXY TCP4\r\n',
  'PROXY UDP4 192.0.2.1 198.51.100.1 51000 443\r\n',
  'PROXY UNKNOWNS\r\n',
  'PROXYTCP4 192.0.2.1 198.51.100.1 51000 443\r\n',
  // The number of fields.
  'PROXY TCP4 \r\n',
  'PROXY TCP4 192.0.2.1\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 51000\r\n',
  `${V4} \r\n`,
  `${V4} 1\r\n`,
  'PROXY TCP4 192.0.2.1  198.51.100.1 51000 443\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 51000  443\r\n',
  // The addresses.
  'PROXY TCP4 192.0.2.256 198.51.100.1 51000 443\r\n',
  'PROXY TCP4 192.0.2 198.51.100.1 51000 443\r\n',
  'PROXY TCP4 192.0.2.1.1 198.51.100.1 51000 443\r\n',
  'PROXY TCP4 192.0.2.01 198.51.100.1 51000 443\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.0x1 51000 443\r\n',
  'PROXY TCP4 3221225985 198.51.100.1 51000 443\r\n',
  'PROXY TCP4 2001:db8::1 2001:db8::2 51000 443\r\n',
  'PROXY TCP4 192.0.2.1 2001:db8::2 51000 443\r\n',
  'PROXY TCP4 localhost 198.51.100.1 51000 443\r\n',
  'PROXY TCP6 192.0.2.1 198.51.100.1 51000 443\r\n',
  'PROXY TCP6 2001:db8::1 198.51.100.1 51000 443\r\n',
  'PROXY TCP6 2001:db8:1 2001:db8::2 51000 443\r\n',
  'PROXY TCP6 2001::db8::1 2001:db8::2 51000 443\r\n',
  'PROXY TCP6 [2001:db8::1] 2001:db8::2 51000 443\r\n',
  'PROXY TCP6 fe80::1%eth0 2001:db8::2 51000 443\r\n',
  'PROXY TCP6 02001:db8::1 2001:db8::2 51000 443\r\n',
  // The ports.
  'PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 51000 100000\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 051000 443\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 51000 00\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 +1 443\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 -1 443\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 1e3 443\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 0x1 443\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1  443\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 ssh 443\r\n',
];

test('every valid line is read, up to its CR LF and no further', (t) => {
  for (const [line, expected] of VALID) {
    for (const after of ['', '\r\n', '\x16\x03\x01', line]) {
      const peek = peekProxyHeader(bytesOf(line + after));
      t.like(peek, { kind: 'header', version: 1, consumed: line.length }, line);
      if (peek.kind === 'header') t.deepEqual(peek.ends, expected, line);
    }
  }
});

test('every prefix of a valid line is incomplete', (t) => {
  for (const [line] of VALID) {
    for (let length = 0; length < line.length; length += 1) {
      t.is(peekProxyHeader(bytesOf(line.slice(0, length))).kind, 'incomplete', line.slice(0, length));
    }
  }
});

test('every invalid line is refused', (t) => {
  for (const line of INVALID) t.is(peekProxyHeader(bytesOf(line)).kind, 'malformed', JSON.stringify(line));
});

test('what can become no header any more is refused before the line has ended', (t) => {
  for (const start of [
    'PROXY T4',
    'PROXY  ',
    'PROXY U ',
    'PROXYX',
    `${V4}\n`,
    `${V6}\rX`,
    'PROXY UNKNOWN\rX',
  ]) {
    t.is(peekProxyHeader(bytesOf(start)).kind, 'malformed', start);
    t.is(peekProxyHeader(bytesOf(start.slice(0, -1))).kind, 'incomplete', start);
  }
});

test('a line that does not end is refused at its 107th byte', (t) => {
  const endless = bytesOf('PROXY UNKNOWN '.padEnd(200, 'x'));
  t.is(peekProxyHeader(endless.subarray(0, 106)).kind, 'incomplete');
  t.is(peekProxyHeader(endless.subarray(0, 107)).kind, 'malformed');
  t.is(peekProxyHeader(endless).kind, 'malformed');
});

test('what begins like neither version is no header, and is known by its first byte that is not', (t) => {
  for (const text of [
    '\x16\x03\x01\x02',
    'GET / HTTP/1.1\r\n',
    'POST / HTTP/1.1\r\n',
    'PROPFIND / HTTP/1.1\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'PROX: 1',
    'proxy tcp4 ',
    '\n',
    '\r\r',
    '\r\nGET / HTTP/1.1\r\n',
    '\r\n\r\nGET / HTTP/1.1\r\n',
    'SSH-2.0-x',
    '\0',
  ]) {
    t.is(peekProxyHeader(bytesOf(text)).kind, 'not-proxy', JSON.stringify(text));
  }
});

testProp(
  'another encoder is understood',
  [fc.ipV4(), fc.ipV4(), fc.nat(0xffff), fc.nat(0xffff)],
  (t, source, destination, sourcePort, destinationPort) => {
    const line = new V1ProxyProtocol(
      INETProtocol.TCP4,
      new Peer(source, sourcePort),
      new Peer(destination, destinationPort),
    ).build();
    const peek = peekProxyHeader(bytesOf(line));
    t.like(peek, { kind: 'header', consumed: line.length });
    if (peek.kind === 'header')
      t.deepEqual(peek.ends, ends(source, sourcePort, destination, destinationPort));
  },
);

testProp(
  'what is read from a mutated line, another parser reads the same ports in',
  [fc.constantFrom(V4, V6), fc.nat(60), fc.constantFrom(...'0123456789abcdef:. \r\nTCPUX')],
  (t, line, at, character) => {
    const mutated = `${line.slice(0, at)}${character}${line.slice(at + 1)}\r\n`;
    const peek = peekProxyHeader(bytesOf(mutated));
    t.not(peek.kind, 'incomplete');
    if (peek.kind !== 'header' || peek.ends === null) return;
    const other = V1ProxyProtocol.parse(mutated);
    t.is(other?.source?.port, peek.ends.source.port, mutated);
    t.is(other?.destination?.port, peek.ends.destination.port, mutated);
  },
);

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
