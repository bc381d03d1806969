import { isIP, isIPv4, isIPv6 } from 'node:net';
import { ipv4Bits, ipv6Bytes, isMappedIpv4, writeMappedIp } from '../../../edge/wire/ip-bytes.ts';
import { ipv4Text, ipv6Text } from '../../../edge/wire/ip-text.ts';
import { readSeeds } from '../seeds.ts';
import type { FuzzTarget } from '../target.ts';

/** Reads addresses as Node does, and writes them as the URL parser does. */
export async function ipTarget(): Promise<FuzzTarget> {
  return {
    name: 'ip',
    files: ['edge/wire/ip-bytes.ts', 'edge/wire/ip-text.ts'],
    seeds: await readSeeds('ip'),
    words: ['::', ':', '.', '%eth0', '::ffff:', '255.255.255.255', '0', 'ffff'].map((word) =>
      Buffer.from(word),
    ),
    maxBytes: 80,
    run: (input) => {
      const text = Buffer.from(input).toString('latin1');
      if (ipv4Bits(text) >= 0 !== isIPv4(text)) throw new Error(`${JSON.stringify(text)} as IPv4`);
      const bytes = ipv6Bytes(text);
      if ((bytes !== null) !== (isIPv6(text) && !text.includes('%')))
        throw new Error(`${JSON.stringify(text)} as IPv6`);

      const room = Buffer.alloc(32, 0xa5);
      const isWritten = writeMappedIp(room, 8, text);
      if (isIP(text) !== 0 && !isWritten) throw new Error(`${JSON.stringify(text)} is not written`);
      const around = Buffer.concat([room.subarray(0, 8), room.subarray(24)]);
      if (!around.equals(Buffer.alloc(16, 0xa5))) throw new Error('it wrote around its place');

      if (isIPv4(text) && ipv4Text(room, 20) !== text) throw new Error(`${text} comes back otherwise`);
      if (bytes !== null) checkIpv6(text, bytes);
      return `${isIP(text)} ${isWritten} ${text.includes('.')} ${text.includes('::')} ${text.includes('%')}`;
    },
  };
}

/** RFC 5952's form is the one that the URL parser writes too, but for the mapped ones. */
function checkIpv6(text: string, bytes: Uint8Array): void {
  const expected = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  if (!Buffer.from(bytes).equals(bytesOf(expected)))
    throw new Error(`${text} is ${Buffer.from(bytes).toString('hex')}`);
  const written = ipv6Text(bytes, 0);
  if (isMappedIpv4(bytes, 0) ? !isIPv4(written) : written !== expected)
    throw new Error(`${text} becomes ${written}`);
}

function bytesOf(canonical: string): Uint8Array {
  const [head = '', tail = ''] = canonical.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail);
  const zeroes = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Uint8Array.from([...before, ...zeroes, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
