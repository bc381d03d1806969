import type { DnsRecord } from '../../../routing/dns/record.ts';

const MAX_ALIASES = 4;

/**
 * The oracle: the algorithm of an authoritative server (RFC 1034 §4.3.2 as RFC 4592 §3.3 words it), step by step over all
 * records. Answers with the addresses that a client gets, in order.
 */
export function resolve(records: readonly DnsRecord[], name: string, aliases = 0): readonly string[] {
  if (aliases > MAX_ALIASES) throw new Error(`${name} is an alias without an end`);
  const own = records.filter((record) => record.name === sourceOf(records, name));
  const alias = own.find(({ type }) => type === 'CNAME');
  if (alias !== undefined) return resolve(records, alias.value, aliases + 1);
  return own.filter(({ type }) => type !== 'TXT').map(({ value }) => value);
}

/** The name itself where it exists, also without records; else the wildcard at its closest encloser. */
function sourceOf(records: readonly DnsRecord[], name: string): string {
  const exists = (each: string) =>
    records.some((record) => record.name === each || record.name.endsWith(`.${each}`));
  if (exists(name)) return name;
  let encloser = name;
  while (encloser !== '' && !exists(encloser)) encloser = encloser.split('.').slice(1).join('.');
  return `*.${encloser}`;
}
