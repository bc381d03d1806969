import { METRICS, type ScenarioName } from '../measurement.ts';
import type { ProxyName } from '../proxies/proxy.ts';
import { type Figure, round } from './figure.ts';
import { legend } from './legend.ts';
import { element, svgDocument, text } from './svg.ts';

/** A picture of a report, in a file of its name. */
export interface Chart {
  readonly name: ScenarioName | 'overview';
  readonly title: string;
  readonly svg: string;
}

const WIDTH = 960;
const MARGIN = 24;
const GAP = 32;
const HEADING_HEIGHT = 62;
const INNER_WIDTH = WIDTH - 2 * MARGIN;
const HALF_WIDTH = (INNER_WIDTH - GAP) / 2;
const PANEL_TITLE_HEIGHT = 28;
const PANEL_GAP = 18;
const ROW_HEIGHT = 22;
const BAR_HEIGHT = 13;
const LABEL_WIDTH = 84;
const VALUE_WIDTH = 80;

/** One panel for each of the scenario's metrics, one bar for each proxy in it. */
export function scenarioChart(
  scenario: { readonly name: ScenarioName; readonly title: string },
  panels: readonly (readonly Figure[])[],
): Chart {
  const places = placed(panels);
  const height = Math.max(...places.map(({ y, figures }) => y + panelHeight(figures))) + MARGIN - PANEL_GAP;
  const hasGoals = panels.flat().some(({ verdicts }) => verdicts.length > 0);
  const svg = svgDocument({ width: WIDTH, height, title: scenario.title }, [
    text({ x: MARGIN, y: 34, class: 'heading' }, scenario.title),
    legend({ right: WIDTH - MARGIN, y: 34 }, [
      {
        sign: 'spread',
        words: scenario.name === 'changes' ? 'median to p99' : 'lowest to highest round',
      },
      ...(hasGoals ? [{ sign: 'goal', words: 'goal of this row' } as const] : []),
    ]),
    ...places.map(panel),
  ]);
  return { ...scenario, svg };
}

/** What colour a proxy has in every chart. */
function colourOf(proxy: ProxyName): 'weir' | 'node' | 'peer' | 'floor' {
  if (proxy === 'weir') return 'weir';
  if (proxy === 'weir-node') return 'node';
  return proxy === 'node-pipe' || proxy === 'direct' ? 'floor' : 'peer';
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly figures: readonly Figure[];
}

/** Two beside each other, as high as the higher one; a single one has all the room. */
function placed(panels: readonly (readonly Figure[])[]): readonly Place[] {
  const width = panels.length === 1 ? INNER_WIDTH : HALF_WIDTH;
  let y = HEADING_HEIGHT;
  return panels.map((figures, index) => {
    const isRight = index % 2 === 1;
    const place = { x: MARGIN + (isRight ? width + GAP : 0), y, width, figures };
    if (isRight) y += Math.max(panelHeight(figures), panelHeight(panels[index - 1] ?? []));
    return place;
  });
}

function panelHeight(figures: readonly Figure[]): number {
  return PANEL_TITLE_HEIGHT + figures.length * ROW_HEIGHT + PANEL_GAP;
}

function panel({ x, y, width, figures }: Place): string {
  const [first] = figures;
  if (first === undefined) return '';
  const barWidth = width - LABEL_WIDTH - VALUE_WIDTH;
  const most = Math.max(...figures.flatMap((figure) => [figure.high, limitOf(figure) ?? 0]));
  const scale = (value: number): number => (Math.max(0, value) / most) * barWidth;
  return element(
    'g',
    { transform: `translate(${x} ${y})` },
    text({ x: 0, y: 13, class: 'panel' }, METRICS[first.metric].title),
    element('line', { class: 'rule', x1: 0, x2: width, y1: 20, y2: 20 }),
    ...figures.map((figure, index) =>
      row(figure, { y: PANEL_TITLE_HEIGHT + index * ROW_HEIGHT, barWidth, scale }),
    ),
  );
}

interface RowPlace {
  readonly y: number;
  readonly barWidth: number;
  /** From the metric's unit to the length of a bar. */
  scale(value: number): number;
}

function row(figure: Figure, { y, barWidth, scale }: RowPlace): string {
  const middle = y + ROW_HEIGHT / 2;
  const top = middle - BAR_HEIGHT / 2;
  const at = (value: number): number => LABEL_WIDTH + scale(value);
  const [low, high, limit] = [at(figure.low), at(figure.high), limitOf(figure)];
  const isOwn = figure.proxy.startsWith('weir');
  const spread = { class: 'spread' };
  return [
    text(
      { x: LABEL_WIDTH - 8, y: middle + 4, class: isOwn ? 'own' : '', 'text-anchor': 'end' },
      figure.proxy,
    ),
    element('rect', { class: 'track', x: LABEL_WIDTH, y: top, width: barWidth, height: BAR_HEIGHT, rx: 2 }),
    element('rect', {
      class: colourOf(figure.proxy),
      x: LABEL_WIDTH,
      y: top,
      width: Math.max(1, scale(figure.median)),
      height: BAR_HEIGHT,
      rx: 2,
    }),
    element('line', { ...spread, x1: low, x2: high, y1: middle, y2: middle }),
    ...[low, high].map((end) =>
      element('line', { ...spread, x1: end, x2: end, y1: middle - 3, y2: middle + 3 }),
    ),
    ...(limit === null
      ? []
      : [
          element('line', {
            class: 'goal',
            x1: at(limit),
            x2: at(limit),
            y1: top - 3,
            y2: top + BAR_HEIGHT + 3,
          }),
        ]),
    text(
      { x: LABEL_WIDTH + barWidth + 10, y: middle + 4, class: verdictClass(figure) },
      round(figure.median),
    ),
  ].join('');
}

/** Where the strictest of its goals is, in the metric's unit. */
function limitOf({ verdicts }: Figure): number | null {
  const limits = verdicts.flatMap(({ limit }) => (limit === null ? [] : [limit]));
  return limits.length === 0 ? null : Math.min(...limits);
}

function verdictClass({ verdicts }: Figure): string {
  if (verdicts.some(({ isMet }) => isMet === false)) return 'missed';
  return verdicts.some(({ isMet }) => isMet === true) ? 'met' : '';
}
