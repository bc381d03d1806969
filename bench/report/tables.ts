import type { Verdict } from '../goals.ts';
import { median } from '../measure/statistics.ts';
import { type Busy, METRICS, type Metric, PHASES, type Phase } from '../measurement.ts';
import { PROXY_NAMES } from '../proxies/proxy.ts';
import { type Figure, round } from './figure.ts';
import { renderTable } from './table.ts';

type Figures = ReadonlyMap<Metric, readonly Figure[]>;

/** Every figure; the first proxy's row carries the title and the others follow it. */
export function renderFigures(figures: Figures): string {
  const header = ['what', 'proxy', 'median', 'p99 or spread', '× HAProxy', '× best peer'];
  const rows = Array.from(figures.values()).flatMap((group) =>
    group.map((figure, index) => {
      const { title, unit } = METRICS[figure.metric];
      return [
        index === 0 ? title : '',
        figure.proxy,
        `${round(figure.median)} ${unit}`,
        figure.spread,
        figure.haproxy?.ratio.toFixed(2) ?? '',
        figure.proxy.startsWith('weir') ? (figure.bestPeer?.ratio.toFixed(2) ?? '') : '',
      ];
    }),
  );
  return renderTable([header, ...rows]);
}

/** Each goal that something was measured for, and whether it is met; null when there is none. */
export function renderGoals(figures: Figures): string | null {
  const rows = Array.from(figures.values())
    .flat()
    .flatMap((figure) =>
      figure.verdicts.map((verdict) => [
        METRICS[figure.metric].title,
        figure.proxy,
        verdict.goal,
        verdict.reached ?? '–',
        verdictWord(verdict),
      ]),
    );
  return rows.length === 0 ? null : renderTable([['what', 'engine', 'goal', 'reached', ''], ...rows]);
}

/** How much of its core each side used, as medians of the rounds; null when no load was watched. */
export function renderBusy(busy: readonly Busy[]): string | null {
  const phases = (Object.keys(PHASES) as readonly Phase[]).filter((phase) =>
    busy.some((one) => one.phase === phase),
  );
  const proxies = PROXY_NAMES.filter((proxy) => busy.some((one) => one.proxy === proxy));
  const rows = phases.map((phase) => [
    PHASES[phase],
    ...proxies.map((proxy) => sharesOf(busy.find((one) => one.phase === phase && one.proxy === proxy))),
  ]);
  return rows.length === 0 ? null : renderTable([['proxy % / load %', ...proxies], ...rows]);
}

function sharesOf(busy: Busy | undefined): string {
  if (busy === undefined) return '';
  const [proxy, load] = (['proxy', 'load'] as const).map((side) =>
    median(busy.shares.map((shares) => shares[side] * 100)),
  );
  const percent = (share = Number.NaN): string => (Number.isNaN(share) ? '–' : share.toFixed(0));
  return `${percent(proxy)} / ${percent(load)}`;
}

function verdictWord({ isMet }: Verdict): string {
  if (isMet === null) return 'nothing to compare with';
  return isMet ? 'met' : 'NOT MET';
}
