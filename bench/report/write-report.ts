import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCENARIO_NAMES } from '../measurement.ts';
import { chartsOf } from './charts.ts';
import { renderMarkdown } from './markdown.ts';
import type { Results } from './results.ts';

/** Writes `report.md`, its charts and `results.json` to the directory, which comes to be where it is not; returns where the report is. */
export function writeReport(results: Results, directory: string): string {
  mkdirSync(directory, { recursive: true });
  // A chart of an earlier run beside the report of this one would be taken for this one's.
  for (const name of ['overview', ...SCENARIO_NAMES]) rmSync(join(directory, `${name}.svg`), { force: true });
  const charts = chartsOf(results.series);
  for (const { name, svg } of charts) writeFileSync(join(directory, `${name}.svg`), svg);
  writeFileSync(join(directory, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  const report = join(directory, 'report.md');
  writeFileSync(report, renderMarkdown(results, charts));
  return report;
}
