import type { DnsPlan } from './plan.ts';
import type { DnsRecord } from './record.ts';

/** What one string of a TXT record holds (RFC 1035 §3.3). */
const MAX_STRING_OCTETS = 255;

/**
 * Writes the records in master file format (RFC 1035 §5.1), without SOA and NS and with absolute names, so that any zone
 * can $INCLUDE it. Ends with a line break.
 */
export function renderZoneFile({ records, notes }: DnsPlan): string {
  const header = [
    'What the names bound in weir need. Names are absolute: $INCLUDE this from the zones that they lie in.',
    ...notes.map(({ text }) => text),
  ].map(comment);
  const names = records.map(({ name }) => absolute(name));
  const width = Math.max(0, ...names.map(({ length }) => length));
  const lines = records.map((record) => recordLine(record, width));
  return `${[...header, ...lines].join('\n')}\n`;
}

function recordLine(record: DnsRecord, width: number): string {
  const { name, type, ttlSeconds, note } = record;
  const line = `${absolute(name).padEnd(width)} ${ttlSeconds} IN ${type.padEnd(5)} ${dataOf(record)}`;
  return note === null ? line : `${line} ${comment(note)}`;
}

function dataOf({ type, value }: DnsRecord): string {
  switch (type) {
    case 'A':
    case 'AAAA':
      return value;
    case 'CNAME':
      return absolute(value);
    case 'TXT':
      return stringsOf(value).map(quoted).join(' ');
    default:
      return type satisfies never;
  }
}

function absolute(name: string): string {
  return `${name}.`;
}

/** Octets, not characters, and at least one string. */
function stringsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const count = Math.max(1, Math.ceil(bytes.length / MAX_STRING_OCTETS));
  return Array.from({ length: count }, (_, at) =>
    bytes.subarray(at * MAX_STRING_OCTETS, (at + 1) * MAX_STRING_OCTETS),
  );
}

/** `\"`, `\\`, and `\DDD` in decimal for what is not printable ASCII (RFC 1035 §5.1). */
function quoted(bytes: Buffer): string {
  const characters = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') return `\\${character}`;
    return byte < 0x20 || byte > 0x7e ? `\\${String(byte).padStart(3, '0')}` : character;
  });
  return `"${characters.join('')}"`;
}

/** A line break would end it, and what follows would be a record. */
function comment(text: string): string {
  return `; ${text.replaceAll(/\p{Cc}/gu, ' ')}`;
}
