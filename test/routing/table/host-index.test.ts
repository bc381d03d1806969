import test from 'ava';
import { HostIndex } from '../../../routing/table/host-index.ts';
import { hostname } from './sample-rows.ts';

const CASES: ReadonlyArray<{
  readonly patterns: readonly string[];
  readonly name: string | null;
  readonly found: string | undefined;
}> = [
  { patterns: ['www.example.com'], name: 'www.example.com', found: 'www.example.com' },
  { patterns: ['www.example.com'], name: 'example.com', found: undefined },
  { patterns: ['www.example.com'], name: 'a.www.example.com', found: undefined },
  { patterns: ['*.example.com'], name: 'www.example.com', found: '*.example.com' },
  { patterns: ['*.example.com'], name: 'a.b.c.example.com', found: '*.example.com' },
  { patterns: ['*.example.com'], name: 'example.com', found: undefined },
  { patterns: ['*.example.com'], name: 'badexample.com', found: undefined },
  { patterns: ['*.example.com'], name: 'www.example.com.evil.net', found: undefined },
  { patterns: ['*.com'], name: 'example.com', found: '*.com' },
  { patterns: ['*.com'], name: 'com', found: undefined },
  { patterns: ['*.example.com', 'www.example.com'], name: 'www.example.com', found: 'www.example.com' },
  {
    patterns: ['*.com', '*.example.com', '*.b.example.com'],
    name: 'a.b.example.com',
    found: '*.b.example.com',
  },
  { patterns: ['*.com', '*.example.com', '*.b.example.com'], name: 'b.example.com', found: '*.example.com' },
  { patterns: ['*.com', '*.b.example.com'], name: 'a.c.example.com', found: '*.com' },
  { patterns: ['*', '*.com', 'a.com'], name: 'a.com', found: 'a.com' },
  { patterns: ['*', '*.com'], name: 'a.com', found: '*.com' },
  { patterns: ['*', '*.com'], name: 'a.net', found: '*' },
  { patterns: ['*'], name: 'localhost', found: '*' },
  { patterns: ['*', '*.com', 'a.com'], name: null, found: '*' },
  { patterns: ['*.com', 'a.com'], name: null, found: undefined },
  { patterns: [], name: 'a.com', found: undefined },
  { patterns: [], name: null, found: undefined },
];

for (const { patterns, name, found } of CASES) {
  test(`finds ${found ?? 'nothing'} for ${name ?? 'no name'} among ${patterns.join(', ') || 'nothing'}`, (t) => {
    const index = new HostIndex<string>();
    for (const pattern of patterns) index.set(pattern, pattern);
    t.is(index.find(name === null ? null : hostname(name)), found);
  });
}

test('falls back to the next longest pattern when one is deleted', (t) => {
  const index = new HostIndex<string>();
  const patterns = ['www.example.com', '*.example.com', '*.com', '*'];
  for (const pattern of patterns) index.set(pattern, pattern);
  for (const pattern of patterns) {
    t.is(index.find(hostname('www.example.com')), pattern);
    index.delete(pattern);
    index.delete(pattern);
  }
  t.is(index.find(hostname('www.example.com')), undefined);
  t.is(index.size, 0);
});

test('still finds a wildcard after another one was set twice and deleted', (t) => {
  const index = new HostIndex<string>();
  index.set('*.a.com', 'first');
  index.set('*.a.com', 'second');
  index.set('*.b.com', 'other');
  index.delete('*.a.com');
  t.is(index.find(hostname('x.b.com')), 'other');
  t.is(index.find(hostname('x.a.com')), undefined);
});

test('finds its way through a name of 127 labels', (t) => {
  const index = new HostIndex<string>();
  index.set('*.a', 'deep');
  t.is(index.find(hostname(Array(127).fill('a').join('.'))), 'deep');
});
