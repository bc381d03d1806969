import test from 'ava';
import { fold, renderFlameGraph } from '../../../bench/autopsy/flame-graph.ts';
import { stack } from './stack.ts';

const STACKS = [
  stack('libc:close', 'kernel:close()'),
  stack('libc:close', 'kernel:close()', 'kernel:tcp_close'),
  stack('libc:send'),
  stack('node:std::less<int>'),
];

test('samples with the same beginning share the boxes of it', (t) => {
  const root = fold(STACKS);
  t.is(root.samples, 4);
  const close = root.callees.get('other main')?.callees.get('libc close');
  t.is(close?.samples, 2);
  t.is(close?.callees.get('kernel close()')?.callees.get('kernel tcp_close')?.samples, 1);
});

test('each box says its share, and is readable on a light and on a dark page', (t) => {
  const svg = renderFlameGraph({ title: 'weir: a & b', subtitle: 'four samples', stacks: STACKS });
  t.regex(svg, /^<svg xmlns.*prefers-color-scheme:dark.*<\/svg>\n$/s);
  t.regex(svg, /<title>close\(\): 50\.0 %<\/title>/);
  t.regex(svg, /<title>std::less&lt;int&gt;: 25\.0 %<\/title>/);
  t.notRegex(svg, /NaN|undefined|Infinity|a & b/);
});

test('what would be narrower than a pixel and a half is left out, and takes no row', (t) => {
  const deep = stack('kernel:a', 'kernel:b', 'kernel:c', 'kernel:d', 'kernel:needle');
  const many = Array.from({ length: 2_000 }, () => stack('kernel:a'));
  const svg = renderFlameGraph({ title: 'many', subtitle: '', stacks: [...many, deep] });
  t.notRegex(svg, /needle/);
  const flat = renderFlameGraph({ title: 'many', subtitle: '', stacks: many });
  t.is(heightOf(svg), heightOf(flat));
});

test('no samples are a picture of nothing', (t) => {
  t.notRegex(renderFlameGraph({ title: 'none', subtitle: '', stacks: [] }), /NaN|Infinity/);
});

function heightOf(svg: string): string | undefined {
  return /height="(\d+)"/.exec(svg)?.[1];
}
