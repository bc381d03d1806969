import type { Name } from '../model/name.ts';

const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'TXT'] as const;

/** One record that the DNS should have. */
export interface DnsRecord {
  /** A hostname, or `*.` and one; without a trailing dot. */
  readonly name: string;
  readonly type: (typeof RECORD_TYPES)[number];
  /** An address, a hostname without a trailing dot, or a text of ASCII. */
  readonly value: string;
  readonly ttlSeconds: number;
  /** Whose name it is for; null for the name that the others point to. */
  readonly org: Name | null;
  /** Why it is there, or is not what one would expect: a clause; null where it is plain. */
  readonly note: string | null;
}

/** By the labels from the last to the first, so that a zone stays together and the apex comes before what is below it. */
export function inZoneOrder(one: DnsRecord, other: DnsRecord): number {
  return (
    compareNames(one.name, other.name) ||
    RECORD_TYPES.indexOf(one.type) - RECORD_TYPES.indexOf(other.type) ||
    compareTexts(one.value, other.value)
  );
}

function compareNames(one: string, other: string): number {
  const [labels, others] = [one.split('.').reverse(), other.split('.').reverse()];
  for (const [at, label] of labels.entries()) {
    const order = compareTexts(label, others[at] ?? '');
    if (order !== 0) return order;
  }
  return labels.length - others.length;
}

/** By code, the same on every machine. */
function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
