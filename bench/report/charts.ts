import { METRICS, SCENARIO_NAMES, type Series } from '../measurement.ts';
import { type Chart, scenarioChart } from './chart.ts';
import { figuresOf } from './figure.ts';
import { overviewChart } from './overview-chart.ts';
import { SCENARIO_TITLES } from './scenario-titles.ts';

/** The overview, where there is something to compare with, and a chart for each scenario that was measured. */
export function chartsOf(series: readonly Series[]): readonly Chart[] {
  const figures = figuresOf(series);
  const overview = overviewChart(Array.from(figures.values()).flat());
  const scenarios = SCENARIO_NAMES.flatMap((name) => {
    const panels = Array.from(figures)
      .filter(([metric]) => METRICS[metric].scenario === name)
      .map(([, panel]) => panel);
    return panels.length === 0 ? [] : [scenarioChart({ name, title: SCENARIO_TITLES[name] }, panels)];
  });
  return overview === null ? scenarios : [overview, ...scenarios];
}
