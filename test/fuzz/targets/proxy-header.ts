import { isIP } from 'node:net';
import { crc32c } from '../../../edge/wire/crc32c.ts';
import { type ProxyHeader, type ProxyHeaderPeek, peekProxyHeader } from '../../../edge/wire/proxy-header.ts';
import { encodeProxyV2 } from '../../../edge/wire/proxy-v2.ts';
import { proxyV2, tlv } from '../../support/proxy-v2.ts';
import { checkPeek } from '../check-peek.ts';
import { mutated, type Stock } from '../mutate.ts';
import type { Random } from '../random.ts';
import { readSeeds } from '../seeds.ts';
import type { FuzzTarget } from '../target.ts';

/** PROXY protocol headers of both versions, and the encoder by way of what was read. */
export async function proxyHeaderTarget(): Promise<FuzzTarget> {
  return {
    name: 'proxy-header',
    files: ['proxy-header', 'proxy-v1', 'proxy-v2-parse', 'proxy-v2-tlvs', 'proxy-v2', 'crc32c'].map(
      (file) => `edge/wire/${file}.ts`,
    ),
    seeds: await readSeeds('proxy-header'),
    words: WORDS.map((word) => Buffer.from(word, 'latin1')),
    maxBytes: 8000,
    run: (input, random) => {
      const answer = checkPeek<ProxyHeaderPeek>((bytes) => peekProxyHeader(bytes), input, random);
      if (answer.kind === 'header') checkHeader(answer, input);
      return wayOf(answer);
    },
    mutate: (input, stock, random) => (input[0] === 0x0d ? madeUp(stock, random) : null),
  };
}

const WORDS = [
  'PROXY TCP4 ',
  'PROXY TCP6 ',
  'PROXY UNKNOWN',
  '192.0.2.1 ',
  '2001:db8::1 ',
  '::ffff:192.0.2.1 ',
  ' 65535',
  ' 0',
  '\r\n',
  '\r\n\r\n\0\r\nQUIT\n',
  '\x21\x11\0\x0c',
  '\x20\0\0\0',
];

function checkHeader(header: ProxyHeader, input: Uint8Array): void {
  const { consumed, ends, tlvs } = header;
  if (consumed > input.length || consumed > 4096 + 16)
    throw new Error(`it takes ${consumed} of ${input.length}`);
  if (consumed < 15) throw new Error(`it takes ${consumed}`);
  if (ends === null) return;
  for (const { address, port } of [ends.source, ends.destination]) {
    if (isIP(address) === 0) throw new Error(`the address is ${JSON.stringify(address)}`);
    if (!Number.isInteger(port) || port < 0 || port > 0xffff) throw new Error(`the port is ${port}`);
  }
  const { authority, alpn, uniqueId } = tlvs;
  const again = peekProxyHeader(
    encodeProxyV2({
      ...ends,
      authority: authority ?? undefined,
      alpn: alpn ?? undefined,
      uniqueId: uniqueId ?? undefined,
      hasChecksum: true,
    }),
  );
  const expected = JSON.stringify([ends, authority, alpn, uniqueId]);
  const got = again.kind === 'header' ? again : null;
  const read = JSON.stringify([got?.ends, got?.tlvs.authority, got?.tlvs.alpn, got?.tlvs.uniqueId]);
  // An authority of some thousand bytes leaves no room in what one receiver takes.
  if (read !== expected && (authority?.length ?? 0) + (alpn?.length ?? 0) < 3000)
    throw new Error(`${expected} comes back as ${read}`);
}

/** A header of parts that fit, most of the time, with a checksum that is right, half of the time. */
function madeUp(stock: Stock, random: Random): Uint8Array {
  const family = random.of([0x11, 0x21, 0x31, 0x00, 0x11, 0x21, 0x12]);
  const size =
    new Map([
      [0x11, 12],
      [0x21, 36],
      [0x31, 216],
    ]).get(family) ?? 0;
  const addresses = Buffer.from(
    Array.from({ length: size }, () => random.of([0, 0, 0xff, random.below(256)])),
  );
  const tlvs = Array.from({ length: random.small(6) }, () => madeUpTlv(random));
  const hasChecksum = random.oneIn(2);
  const command = random.of([0x21, 0x21, 0x21, 0x20, 0x22]);
  const parts = { command, family, addresses, tlvs: hasChecksum ? [...tlvs, tlv(3, Buffer.alloc(4))] : tlvs };
  const header = proxyV2(parts);
  if (hasChecksum) header.writeUInt32BE(crc32c(header), header.length - 4);
  const bytes = Buffer.concat([header, Buffer.alloc(random.small(40), 0x16)]);
  return random.oneIn(4) ? mutated(bytes, stock, random) : bytes;
}

function madeUpTlv(random: Random): Buffer {
  const type = random.of([1, 2, 4, 5, 0x20, 0x21, 0x30, 0xea, 0xee, 0xe0, 0xe4, random.below(256)]);
  if (type === 0x20) return tlv(type, Buffer.concat([Buffer.alloc(5, 1), tlv(0x21, 'TLSv1.3')]));
  if (type === 0xea) return tlv(type, `\x01vpce-${random.below(1000)}`);
  if (type === 0xee) return tlv(type, Buffer.from([1, 1, 2, 3, 4].slice(0, 1 + random.below(5))));
  if (type === 0xe0) return tlv(type, Buffer.alloc(random.of([7, 8, 9]), 0xff));
  return tlv(type, Buffer.alloc(random.small(200), 0x61));
}

function wayOf(answer: ProxyHeaderPeek): string {
  if (answer.kind !== 'header') return answer.kind === 'malformed' ? answer.problem : answer.kind;
  const { version, ends, tlvs } = answer;
  const said = Object.values(tlvs).map((value) => value !== null);
  return `${version} ${isIP(ends?.source.address ?? '')} ${isIP(ends?.destination.address ?? '')} ${said.join()}`;
}
