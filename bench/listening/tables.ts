import { median } from '../measure/statistics.ts';
import { renderTable } from '../report/table.ts';
import type { Disturbance } from './disturbance.ts';
import { LOADS, type LoadName, type Sample } from './sample.ts';
import type { Sharing } from './sharing.ts';
import type { Survey } from './survey.ts';

/** The samples of one way of sharing with so many workers, one for each round. */
export interface SharingSamples {
  readonly sharing: Sharing;
  readonly workers: number;
  readonly samples: Sample[];
}

/** Medians over the rounds, as Markdown: balance, cost, a few long connections, and what is lost. */
export function renderSamples(all: readonly SharingSamples[]): string {
  return [renderBalances(all), renderHandfuls(all), renderDisturbances(all)].join('\n\n');
}

function renderBalances(all: readonly SharingSamples[]): string {
  const heading = [
    'load',
    'workers',
    'sharing',
    'shares of the workers, %',
    'most : least',
    'CPU µs',
    'sleeps',
    'turns',
    'empty turns',
    'vain accepts',
  ];
  const rows = (Object.keys(LOADS) as LoadName[]).flatMap((name) =>
    all.map(({ sharing, workers, samples }) => {
      const balances = samples.map((sample) => sample.balances[name]);
      const shares = Array.from({ length: workers }, (_, at) =>
        median(balances.map((balance) => balance.shares[at] ?? Number.NaN)),
      );
      const ratios = balances.map((balance) => (balance.shares[0] ?? 0) / (balance.shares.at(-1) ?? 0));
      const each = (field: 'cpuMicros' | 'sleeps' | 'turns' | 'emptyTurns' | 'vainAccepts'): number =>
        median(balances.map((balance) => balance[field]));
      return [
        LOADS[name],
        `${workers}`,
        sharing,
        shares.map(percents).join(', '),
        ratio(median(ratios)),
        each('cpuMicros').toFixed(0),
        each('sleeps').toFixed(2),
        each('turns').toFixed(2),
        each('emptyTurns').toFixed(2),
        each('vainAccepts').toFixed(3),
      ];
    }),
  );
  return renderTable([heading, ...rows]);
}

function renderHandfuls(all: readonly SharingSamples[]): string {
  const rows = all.map(({ sharing, workers, samples }) => [
    `${workers}`,
    sharing,
    percents(median(samples.map(({ handfuls }) => handfuls.mostShare))),
    percents(median(samples.map(({ handfuls }) => handfuls.allOnOne))),
  ]);
  return renderTable([
    ['workers', 'sharing', 'the busiest has, %', 'all on one worker, % of handfuls'],
    ...rows,
  ]);
}

function renderDisturbances(all: readonly SharingSamples[]): string {
  const heading = [
    'one worker',
    'workers',
    'sharing',
    'refused',
    'reset',
    'no answer',
    'later than 50 ms',
    'p99',
    'longest',
  ];
  const kinds: readonly Disturbance[] = ['leaves', 'killed', 'stuck', 'busy'];
  const rows = kinds.flatMap((kind) =>
    all.map(({ sharing, workers, samples }) => {
      const surveys = samples.map((sample) => sample.disturbances[kind]);
      const each = (field: keyof Survey): readonly number[] => surveys.map((survey) => survey[field]);
      return [
        kind,
        `${workers}`,
        sharing,
        ranged(each('refused')),
        ranged(each('reset')),
        ranged(each('unanswered')),
        ranged(each('late')),
        `${median(each('p99')).toFixed(1)} ms`,
        `${median(each('longest')).toFixed(0)} ms`,
      ];
    }),
  );
  return renderTable([heading, ...rows]);
}

/** The median, and the largest where that is another: losses are rare, and a median of them hides the worst. */
function ranged(counts: readonly number[]): string {
  const [middle, most] = [median(counts), Math.max(...counts)];
  return middle === most ? `${most}` : `${middle} (≤ ${most})`;
}

function ratio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '∞';
}

function percents(share: number): string {
  return (100 * share).toFixed(0);
}
