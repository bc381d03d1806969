import test from 'ava';
import { judge } from '../../bench/goals.ts';
import type { Metric, Series } from '../../bench/measurement.ts';
import type { ProxyName } from '../../bench/proxies/proxy.ts';
import { chartsOf } from '../../bench/report/charts.ts';

test('a goal is judged beside the peer that is hardest to beat, round by round', (t) => {
  const weir = series('cpu-per-connection', 'weir', [30, 60, 30]);
  const group = [
    weir,
    series('cpu-per-connection', 'haproxy', [40, 80, 40]),
    series('cpu-per-connection', 'nginx', [25, 50, 25]),
    series('cpu-per-connection', 'haproxy-log', [1, 1, 1]),
  ];
  const [verdict] = judge(weir, group);
  t.is(verdict?.reached, '1.20 × nginx');
  t.false(verdict?.isMet);
});

test('without a peer nothing is said of a ratio, and memory is still judged in KiB', (t) => {
  const weir = series('idle-connection', 'weir', [0.8]);
  t.deepEqual(
    judge(weir, [weir]).map(({ isMet }) => isMet),
    [true, null],
  );
});

test('there is a chart for each scenario and one of the ratios, on a light and on a dark page', (t) => {
  const charts = chartsOf([
    series('cpu-per-connection', 'weir', [30]),
    series('cpu-per-connection', 'haproxy', [40]),
    series('at-rest', 'weir', [100]),
  ]);
  t.deepEqual(
    charts.map(({ name }) => name),
    ['overview', 'short', 'rest'],
  );
  for (const { svg } of charts) {
    t.regex(svg, /^<svg xmlns.*prefers-color-scheme:dark.*<\/svg>\n$/s);
    t.notRegex(svg, /NaN|undefined|Infinity/);
  }
});

function series(metric: Metric, proxy: ProxyName, samples: readonly number[]): Series {
  return { metric, proxy, samples };
}
