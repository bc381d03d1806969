import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { renderExternalDns } from '../../../routing/dns/external-dns.ts';
import { planRecords } from '../../../routing/dns/plan.ts';
import { needsOf, type Wanted } from './needs.ts';

test('there is a document for each org, and one for the name that the others point to', (t) => {
  const documents = documentsOf({
    bound: ['www.example.com', '*.example.com', 'other: www.example.org'],
    target: 'edge.example.net',
  });
  t.deepEqual(
    documents.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.name]),
    ['weir', 'weir-acme', 'weir-other'].map((name) => ['externaldns.k8s.io/v1alpha1', 'DNSEndpoint', name]),
  );
  t.deepEqual(
    documents.map(({ spec }) => spec.endpoints),
    [
      [endpoint('edge.example.net', 'A', '203.0.113.1'), endpoint('edge.example.net', 'AAAA', '2001:db8::1')],
      [
        endpoint('*.example.com', 'CNAME', 'edge.example.net'),
        endpoint('www.example.com', 'CNAME', 'edge.example.net'),
        endpoint('*.www.example.com', 'CNAME', 'edge.example.net'),
      ],
      [endpoint('www.example.org', 'CNAME', 'edge.example.net')],
    ],
  );
});

test('the records of a name and a type are the targets of one endpoint', (t) => {
  const addresses = ['203.0.113.2', '203.0.113.1', '2001:db8::1'];
  const [document] = documentsOf({ bound: ['www.example.com'], addresses });
  t.deepEqual(document?.spec.endpoints, [
    endpoint('www.example.com', 'A', '203.0.113.1', '203.0.113.2'),
    endpoint('www.example.com', 'AAAA', '2001:db8::1'),
  ]);
});

test('proofs are there too, with what ExternalDNS has to be told', (t) => {
  const wanted = { claims: [{ domain: 'example.com', token: 't0ken' }] };
  t.deepEqual(documentsOf(wanted)[0]?.spec.endpoints, [
    endpoint('_weir-challenge.example.com', 'TXT', 'weir-verify=t0ken'),
  ]);
  t.regex(textOf(wanted), /^# .*--managed-record-types=TXT/m);
  t.notRegex(textOf({ bound: ['www.example.com'] }), /TXT/);
});

test('notes are comments, and without records there are no documents', (t) => {
  t.regex(textOf({ bound: ['*'] }), /^# \* of acme .*\n# No records are needed\.\n$/);
  t.deepEqual(documentsOf({ bound: ['*'] }), []);
});

interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly endpoints: readonly object[] };
}

function endpoint(dnsName: string, recordType: string, ...targets: readonly string[]): object {
  return { dnsName, recordTTL: 300, recordType, targets };
}

function documentsOf(wanted: Wanted): readonly Document[] {
  const parsed = parseAllDocuments(textOf(wanted));
  return 'empty' in parsed ? [] : parsed.map((document): Document => document.toJS());
}

function textOf(wanted: Wanted): string {
  return renderExternalDns(planRecords(needsOf(wanted)));
}
