import test from 'ava';
import { parseResolvers } from '../../../../routing/control/ownership/txt-lookup.ts';

test('resolvers are read with and without a port', (t) => {
  t.deepEqual(parseResolvers('1.1.1.1'), { kind: 'ok', value: ['1.1.1.1:53'] });
  t.deepEqual(
    parseResolvers(' 127.0.0.1:5353, [2606:4700::1111]:54,2606:4700::1111 , [::1],1.1.1.1, 1.1.1.1:53 '),
    {
      kind: 'ok',
      value: ['127.0.0.1:5353', '[2606:4700::1111]:54', '[2606:4700::1111]:53', '[::1]:53', '1.1.1.1:53'],
    },
  );
});

const REFUSED: readonly (readonly [text: string, problem: RegExp])[] = [
  ['', /^is empty$/],
  ['  ', /^is empty$/],
  ['1.1.1.1,', /^has an empty part between commas$/],
  ['dns.example.com', /^has "dns\.example\.com", which is not an IPv4 or IPv6 address$/],
  ['localhost:53', /which is not an IPv4 or IPv6 address$/],
  ['1.1.1.1:0', /has a port that must be/],
  ['1.1.1.1:99999', /has a port that must be/],
  ['1.1.1.1:', /which is not an IP address with or without a port/],
  ['[1.1.1.1]:53', /which is not an IP address with or without a port/],
  ['[::1', /which is not an IP address with or without a port/],
  ['::1:xyz', /which is not an IP address with or without a port/],
  ['fe80::1%eth0', /has a zone/],
  ['[fe80::1%eth0]:53', /has a zone/],
  ['0.0.0.0', /unspecified address/],
  [Array.from({ length: 9 }, (_, at) => `192.0.2.${at}`).join(), /^has more than 8 resolvers$/],
];

for (const [text, problem] of REFUSED) {
  test(`resolvers as ${JSON.stringify(text)} are refused`, (t) => {
    const parsed = parseResolvers(text);
    t.is(parsed.kind, 'invalid');
    if (parsed.kind === 'invalid') t.regex(parsed.problem, problem);
  });
}
