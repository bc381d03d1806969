import { METRICS, SCENARIO_NAMES } from '../measurement.ts';
import type { Chart } from './chart.ts';
import { figuresOf } from './figure.ts';
import { renderHeading } from './heading.ts';
import type { Results } from './results.ts';
import { SCENARIO_TITLES } from './scenario-titles.ts';
import { renderBusy, renderFigures, renderGoals } from './tables.ts';

/** The run as a document that lies beside its charts. */
export function renderMarkdown(results: Results, charts: readonly Chart[]): string {
  const figures = figuresOf(results.series);
  const picture = (name: Chart['name']): string | null => {
    const chart = charts.find((one) => one.name === name);
    return chart === undefined ? null : `![${chart.title}](${name}.svg)`;
  };
  const scenarios = SCENARIO_NAMES.flatMap((scenario) => {
    const own = new Map(Array.from(figures).filter(([metric]) => METRICS[metric].scenario === scenario));
    return own.size === 0 ? [] : [`## ${SCENARIO_TITLES[scenario]}`, picture(scenario), renderFigures(own)];
  });
  const goals = renderGoals(figures);
  const busy = renderBusy(results.busy);
  const parts = [
    '# What weir costs',
    renderHeading(results),
    picture('overview'),
    goals === null ? null : `## Goals\n\n${goals}`,
    ...scenarios,
    busy === null ? null : `## Who was busy\n\n${BUSY_MEANS}\n\n${busy}`,
    `## How to read it\n\n${READING}`,
    results.notes.length === 0 ? null : `## Notes\n\n${results.notes.map((note) => `- ${note}`).join('\n')}`,
  ];
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`;
}

const BUSY_MEANS = [
  'How much of its core the proxy used, and how much of theirs the load generator and the backend did, as a share of the',
  'time of the load. Where the load is near 100 % it has set the pace: rates are then the load’s and not the proxy’s, and',
  'what counts is the CPU time per unit of work. `direct` is the same load without a proxy: what it can do by itself. Work',
  'at a steady rate leaves the load time to spare, so that waits are the proxy’s; with `direct` the wait is all its own.',
].join('\n');

const READING = [
  '- Figures are medians of interleaved rounds; `±` is half the range of the rounds, and so are the whiskers in the charts:',
  '  the lowest and the highest round. Ratios are medians of the ratios round by round.',
  '- The best peer of a goal is the one of haproxy, nginx and sniproxy beside which weir looks worst.',
  '- weir runs with its access log, counters, timers and limits on. haproxy, nginx and sniproxy write no access log;',
  '  `haproxy-log` does.',
].join('\n');
