import test from 'ava';
import { ja4 } from '../../../edge/wire/ja4.ts';
import { type HelloKnobs, helloMessage, inRecords } from '../../support/client-hello.ts';

/** The hello of the specification's example: technical_details/JA4.md in github.com/FoxIO-LLC/ja4. */
const SUITES = hex('1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035');
const OTHERS = hex('001b,0033,4469,0017,002d,0005,0023,0012,ff01,000b,000a,0015');
const ALGORITHMS = hex('0403,0804,0401,0503,0805,0501,0806,0601');

const VERSIONS = { type: 0x2b, data: Buffer.from([6, 0x6a, 0x6a, 3, 4, 3, 3]) };
const SIGNATURES = { type: 0x0d, data: words([2 * ALGORITHMS.length, ...ALGORITHMS]) };
const EXAMPLE: HelloKnobs = {
  serverName: 'example.com',
  alpn: ['h2', 'http/1.1'],
  cipherSuites: SUITES,
  extensions: [VERSIONS, SIGNATURES, ...OTHERS.map(empty)],
};

test('the example of the specification has the fingerprint that it says', (t) => {
  t.is(fingerprint(EXAMPLE), 't13d1516h2_8daaf6152771_e5627efa2ab1');
});

test('order and GREASE make no difference', (t) => {
  const cipherSuites = [0xeaea, ...SUITES.toReversed(), 0x1a1a];
  const signatures = {
    type: 0x0d,
    data: words([2 * ALGORITHMS.length + 4, 0x3a3a, ...ALGORITHMS, 0x4a4a]),
  };
  const extensions = [0x2a2a, ...OTHERS.toReversed(), 0xfafa].map(empty);
  t.is(
    fingerprint({ ...EXAMPLE, cipherSuites, extensions: [signatures, VERSIONS, ...extensions] }),
    't13d1516h2_8daaf6152771_e5627efa2ab1',
  );
});

test('the order of the signature algorithms makes one', (t) => {
  const data = words([2 * ALGORITHMS.length, ...ALGORITHMS.toReversed()]);
  const extensions = [VERSIONS, { type: 0x0d, data }, ...OTHERS.map(empty)];
  t.regex(fingerprint({ ...EXAMPLE, extensions }), /^t13d1516h2_8daaf6152771_(?!e5627efa2ab1)[0-9a-f]{12}$/);
});

test('without signature algorithms the extensions are hashed alone', (t) => {
  const data = Buffer.from([0, 0]);
  const extensions = [VERSIONS, { type: 0x0d, data }, ...OTHERS.map(empty)];
  t.is(fingerprint({ ...EXAMPLE, extensions }), 't13d1516h2_8daaf6152771_6d807ffa2a79');
});

test('a hello without extensions has zeroes for their hash, and goes by its own version', (t) => {
  const knobs: HelloKnobs = { isWithoutExtensions: true, cipherSuites: SUITES };
  t.is(fingerprint({ ...knobs, clientVersion: 0x0301 }), 't10i150000_8daaf6152771_000000000000');
  t.regex(fingerprint({ ...knobs, clientVersion: 0x0300 }), /^ts3i/);
  t.regex(fingerprint({ ...knobs, clientVersion: 0x0302 }), /^t11i/);
  t.regex(fingerprint({ ...knobs, clientVersion: 0x0303 }), /^t12i/);
  t.regex(fingerprint({ ...knobs, clientVersion: 0x03ff }), /^t00i/);
  t.regex(fingerprint({ ...knobs, cipherSuites: [0x5a5a] }), /^t12i000000_000000000000_000000000000$/);
});

test('counts end at 99', (t) => {
  const cipherSuites = Array.from({ length: 150 }, (_, index) => 0x0100 + index);
  const extensions = Array.from({ length: 150 }, (_, index) => empty(0x0100 + index));
  t.regex(fingerprint({ ...EXAMPLE, cipherSuites, extensions }), /^t12d9999h2_/);
});

for (const [protocol, mark] of [
  ['h2', 'h2'],
  ['http/1.1', 'h1'],
  ['x', 'xx'],
  ['\xab', 'ab'],
  ['\xab\xcd', 'ad'],
  ['\x30\xab', '3b'],
  ['\x30\x31\xab\xcd', '3d'],
  ['\x30\xab\xcd\x31', '01'],
  ['\x0a\x0a', '0a'],
] as const) {
  test(`the protocol ${JSON.stringify(protocol)} is marked ${mark}`, (t) => {
    t.is(fingerprint({ alpn: [protocol, 'h2'] }).slice(8, 10), mark);
  });
}

test('it is the same in records of every size, and there is none for a part of a hello', (t) => {
  const message = helloMessage(EXAMPLE);
  for (let size = 1; size < message.length; size += 1) {
    t.is(ja4(inRecords(message, size)), 't13d1516h2_8daaf6152771_e5627efa2ab1');
  }
  const hello = inRecords(message);
  for (let end = 0; end < hello.length; end += 1) t.is(ja4(hello.subarray(0, end)), null);
});

function fingerprint(knobs: HelloKnobs): string {
  return ja4(inRecords(helloMessage(knobs))) ?? 'none';
}

function empty(type: number): { readonly type: number; readonly data: Uint8Array } {
  return { type, data: new Uint8Array(0) };
}

function hex(list: string): readonly number[] {
  return list.split(',').map((value) => Number.parseInt(value, 16));
}

function words(values: readonly number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 0xff])));
}
