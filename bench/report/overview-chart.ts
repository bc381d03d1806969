import { METRICS } from '../measurement.ts';
import type { Chart } from './chart.ts';
import type { Figure } from './figure.ts';
import { legend } from './legend.ts';
import { element, svgDocument, text } from './svg.ts';

const WIDTH = 960;
const MARGIN = 24;
const HEADING_HEIGHT = 84;
const ROW_HEIGHT = 32;
const BAR_HEIGHT = 17;
const LABEL_WIDTH = 250;
const VALUE_WIDTH = 130;
const BAR_WIDTH = WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH;
/** A bar that is longer is cut; its value says how long it would be. */
const MOST_SHOWN = 1.5;

/** weir beside the best peer, for each metric that has a goal of that kind; null when nothing of it was measured. */
export function overviewChart(figures: readonly Figure[]): Chart | null {
  const rows = figures.flatMap((figure) => {
    const verdict = figure.verdicts.find(({ bound }) => bound.kind === 'times-best');
    if (verdict === undefined || figure.bestPeer === null) return [];
    const { peer, ratio } = figure.bestPeer;
    const { title } = METRICS[figure.metric];
    return [{ title, ratio, peer: peer.proxy, goal: verdict.bound.most, isMet: verdict.isMet }];
  });
  if (rows.length === 0) return null;

  const title = 'weir beside the best of HAProxy, nginx and sniproxy';
  const height = HEADING_HEIGHT + rows.length * ROW_HEIGHT + MARGIN;
  const left = MARGIN + LABEL_WIDTH;
  const scale = (ratio: number): number => (Math.min(ratio, MOST_SHOWN) / MOST_SHOWN) * BAR_WIDTH;
  const one = left + scale(1);
  const svg = svgDocument({ width: WIDTH, height, title }, [
    text({ x: MARGIN, y: 34, class: 'heading' }, title),
    text({ x: one, y: HEADING_HEIGHT - 14, class: 'quiet', 'text-anchor': 'middle' }, 'best peer = 1'),
    ...rows.map((row, index) => {
      const middle = HEADING_HEIGHT + index * ROW_HEIGHT + ROW_HEIGHT / 2;
      const top = middle - BAR_HEIGHT / 2;
      const goal = left + scale(row.goal);
      return [
        text({ x: left - 12, y: middle + 4, class: '', 'text-anchor': 'end' }, row.title),
        element('rect', { class: 'track', x: left, y: top, width: BAR_WIDTH, height: BAR_HEIGHT, rx: 3 }),
        element('rect', {
          class: 'weir',
          x: left,
          y: top,
          width: Math.max(1, scale(row.ratio)),
          height: BAR_HEIGHT,
          rx: 3,
        }),
        ...(row.ratio > MOST_SHOWN ? [cut(left + BAR_WIDTH - 18, top)] : []),
        element('line', { class: 'goal', x1: goal, x2: goal, y1: top - 4, y2: top + BAR_HEIGHT + 4 }),
        text(
          { x: left + BAR_WIDTH + 12, y: middle + 4, class: row.isMet === true ? 'met' : 'missed' },
          `${row.ratio.toFixed(2)} × ${row.peer}`,
        ),
      ].join('');
    }),
    element('line', {
      class: 'spread',
      'stroke-dasharray': '3 3',
      x1: one,
      x2: one,
      y1: HEADING_HEIGHT - 6,
      y2: height - MARGIN + 4,
    }),
    legend({ right: WIDTH - MARGIN, y: 34 }, [{ sign: 'goal', words: 'goal' }]),
  ]);
  return { name: 'overview', title, svg };
}

/** Two slanted gaps in a bar that would be longer. */
function cut(x: number, top: number): string {
  const gap = (at: number): string => `M${at} ${top + BAR_HEIGHT}l5 -${BAR_HEIGHT}h3l-5 ${BAR_HEIGHT}z`;
  return element('path', { class: 'cut', d: gap(x) + gap(x + 6) });
}
