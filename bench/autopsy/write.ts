import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderFlameGraph } from './flame-graph.ts';
import { LOAD_NAMES, LOADS } from './loads.ts';
import { type Autopsy, flameGraphName, renderAutopsy } from './report.ts';
import { kernelShare } from './shares.ts';

/** Writes `report.md` and the flame graphs to the directory, which comes to be where it is not. */
export function writeAutopsy(
  autopsy: Autopsy,
  directory: string,
): { readonly report: string; readonly file: string } {
  mkdirSync(directory, { recursive: true });
  const report = renderAutopsy(autopsy);
  const file = join(directory, 'report.md');
  writeFileSync(file, report);
  for (const finding of autopsy.findings) {
    const path = join(directory, `${flameGraphName(finding)}.svg`);
    // One of an earlier run beside this report would be taken for this one's.
    rmSync(path, { force: true });
    const { stacks, proxy, load, cpu } = finding;
    if (stacks === null || stacks.length === 0) continue;
    const { title, cpuUnit, unit } = LOADS[load];
    const kernel = (kernelShare(stacks) * 100).toFixed(0);
    const svg = renderFlameGraph({
      title: `${proxy}: ${title.toLowerCase()}`,
      subtitle: `CPU time by function: ${cpu.toFixed(0)} ${cpuUnit} for each ${unit}, ${kernel} % of it in the kernel; ${stacks.length} samples`,
      stacks,
    });
    writeFileSync(path, svg);
  }
  const { findings, ...about } = autopsy;
  const results = {
    ...about,
    loads: LOAD_NAMES,
    findings: findings.map(({ stacks, calls, ...rest }) => ({
      ...rest,
      calls: calls === null ? null : Object.fromEntries(calls),
      samples: stacks?.length ?? null,
    })),
  };
  writeFileSync(join(directory, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  return { report, file };
}
