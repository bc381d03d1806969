import { stringify } from 'yaml';
import type { DnsPlan } from './plan.ts';
import type { DnsRecord } from './record.ts';

/**
 * Writes the records as ExternalDNS' `DNSEndpoint` documents: one for each org, called `weir-ORG`, and one called `weir`
 * for the name that the others point to. Ends with a line break.
 *
 * Source: https://kubernetes-sigs.github.io/external-dns/latest/docs/sources/crd/
 */
export function renderExternalDns({ records, notes }: DnsPlan): string {
  const comments = notes.map(({ text }) => text);
  if (records.length === 0) comments.push('No records are needed.');
  // By default it looks after A, AAAA and CNAME only.
  if (records.some(({ type }) => type === 'TXT'))
    comments.push('ExternalDNS has to run with --managed-record-types=TXT too.');
  const documents = [...Map.groupBy(records, objectName)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, own]) => `---\n${stringify(documentOf(name, own), { lineWidth: 0 })}`);
  return `${comments.map((text) => `# ${text}\n`).join('')}${documents.join('')}`;
}

function objectName({ org }: DnsRecord): string {
  return org === null ? 'weir' : `weir-${org}`;
}

function documentOf(name: string, records: readonly DnsRecord[]): object {
  return {
    apiVersion: 'externaldns.k8s.io/v1alpha1',
    kind: 'DNSEndpoint',
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'weir' } },
    spec: { endpoints: [...Map.groupBy(records, setOf).values()].map(endpointOf) },
  };
}

/** The records of a name and a type are one endpoint. */
function setOf({ name, type }: DnsRecord): string {
  return `${name} ${type}`;
}

function endpointOf(set: readonly DnsRecord[]): object {
  const [first] = set;
  return {
    dnsName: first?.name,
    recordTTL: first?.ttlSeconds,
    recordType: first?.type,
    targets: set.map(({ value }) => value),
  };
}
