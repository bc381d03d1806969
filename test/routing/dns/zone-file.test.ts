import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { planRecords } from '../../../routing/dns/plan.ts';
import type { DnsRecord } from '../../../routing/dns/record.ts';
import { renderZoneFile } from '../../../routing/dns/zone-file.ts';
import { needsOf } from './needs.ts';

test('a zone file has absolute names in columns, with notes as comments', (t) => {
  const plan = planRecords(
    needsOf({
      bound: ['example.com', '*.example.com', 'www.example.com', '*'],
      claims: [{ domain: 'example.com' }, { domain: 'example.org', token: 't0ken' }],
      target: 'edge.example.net',
    }),
  );
  t.is(
    renderZoneFile(plan),
    `; What the names bound in weir need. Names are absolute: $INCLUDE this from the zones that they lie in.
; * of acme is no name in the DNS: it takes the names that no route has and that lead to the edges
example.com.                 300 IN A     203.0.113.1 ; the apex of a zone cannot be a CNAME (RFC 1034 §3.6.2)
example.com.                 300 IN AAAA  2001:db8::1 ; the apex of a zone cannot be a CNAME (RFC 1034 §3.6.2)
*.example.com.               300 IN CNAME edge.example.net.
www.example.com.             300 IN CNAME edge.example.net.
*.www.example.com.           300 IN CNAME edge.example.net. ; for *.example.com, which in the DNS ends where names exist (RFC 4592 §2.2.2)
edge.example.net.            300 IN A     203.0.113.1 ; the edges
edge.example.net.            300 IN AAAA  2001:db8::1 ; the edges
_weir-challenge.example.org. 300 IN TXT   "weir-verify=t0ken" ; proves that example.org is acme's; not needed once it is held
`,
  );
});

test('a plan without records is a zone file without records', (t) => {
  t.regex(renderZoneFile({ records: [], notes: [] }), /^; [^\n]*\n$/);
});

test('a note cannot become a record', (t) => {
  const note = 'one\nevil.example.com. 1 IN A 192.0.2.1';
  const text = renderZoneFile({
    records: [{ ...TXT, value: 'x', note }],
    notes: [{ org: null, text: note }],
  });
  t.deepEqual(
    text
      .split('\n')
      .filter((line) => !line.startsWith(';'))
      .map((line) => line.split(' ')[0]),
    ['a.example.com.', ''],
  );
});

testProp(
  'a text of any length and any characters comes back from its strings',
  [fc.oneof(fc.string({ unit: 'binary', maxLength: 700 }), fc.string({ unit: 'grapheme', maxLength: 700 }))],
  (t, value) => {
    const file = renderZoneFile({ records: [{ ...TXT, value }], notes: [] });
    t.regex(file, /^[\x20-\x7e\n]*$/);
    const data = (file.split('\n')[1] ?? '').replace(/^.* TXT {3}/, '');
    const strings = stringsOf(data);
    t.true(strings.every(({ length }) => length <= 255));
    t.true(strings.length >= 1);
    t.deepEqual(Buffer.concat(strings), Buffer.from(value));
  },
);

const TXT: DnsRecord = {
  name: 'a.example.com',
  type: 'TXT',
  value: '',
  ttlSeconds: 60,
  org: null,
  note: null,
};

/** Reads the quoted strings of a record's data, octet by octet. */
function stringsOf(data: string): readonly Buffer[] {
  const strings = data.match(/"(?:\\.|[^"\\])*"/g) ?? [];
  return strings.map((string) =>
    Buffer.from(
      Array.from(string.slice(1, -1).matchAll(/\\([0-9]{3})|\\?(.)/g), ([, digits, character = '']) =>
        digits === undefined ? character.charCodeAt(0) : Number(digits),
      ),
    ),
  );
}
