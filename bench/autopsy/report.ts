import type { Machine } from '../measure/machine.ts';
import { round } from '../report/figure.ts';
import { renderHeading } from '../report/heading.ts';
import { renderTable } from '../report/table.ts';
import { OTHERS } from './calls.ts';
import type { Finding } from './dissect.ts';
import { sharesOfKernelWork } from './kernel-work.ts';
import { LOAD_NAMES, LOADS, type LoadName } from './loads.ts';
import { kernelShare, type Share, sharesByFunction, sharesByPlace } from './shares.ts';
import type { Stack } from './stacks.ts';

/** One run. */
export interface Autopsy {
  /** ISO 8601. */
  readonly at: string;
  readonly command: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  /** What could not be looked into, and why. */
  readonly notes: readonly string[];
}

/** Without an ending. */
export function flameGraphName({ proxy, load }: Finding): string {
  return `flame-${load}-${proxy}`;
}

/** The run as a document that lies beside its flame graphs. */
export function renderAutopsy(autopsy: Autopsy): string {
  const loads = LOAD_NAMES.flatMap((load) => {
    const findings = autopsy.findings.filter((finding) => finding.load === load);
    return findings.length === 0 ? [] : renderLoad(load, findings);
  });
  const notes = autopsy.notes.map((note) => `- ${note}`).join('\n');
  const parts = [
    '# Where the CPU time goes',
    renderHeading(autopsy),
    ...loads,
    ...(notes === '' ? [] : [`## Notes\n\n${notes}`]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function renderLoad(name: LoadName, findings: readonly Finding[]): readonly string[] {
  const { title, unit, cpuUnit } = LOADS[name];
  const sampled = findings.filter(({ stacks }) => stacks !== null && stacks.length > 0);
  const counted = findings.filter(({ calls }) => calls !== null);
  const table = (shares: (stacks: readonly Stack[]) => readonly Share[], total: string): string =>
    renderShares(sampled, shares, total);
  return [
    `## ${title}`,
    renderDisturbance(findings, `CPU ${cpuUnit} for each ${unit}`),
    ...(counted.length === 0 ? [] : [`System calls for each ${unit}:`, renderCalls(counted)]),
    ...(sampled.length === 0
      ? []
      : [
          `Where the time goes, in ${cpuUnit} for each ${unit}: in a system call, with all that the kernel does within it, or in whose code.`,
          table(sharesByPlace, 'all'),
          'What the kernel does in its part, each sample counted once, in the first row that it fits.',
          table(sharesOfKernelWork, 'the kernel'),
          'The functions in which most time is spent themselves:',
          sampled.map(renderFunctions).join('\n'),
          sampled
            .map((finding) => `![${finding.proxy}: ${title.toLowerCase()}](${flameGraphName(finding)}.svg)`)
            .join('\n'),
        ]),
  ];
}

/** What looking costs: figures of a proxy that behaves otherwise when it is watched are to be read with care. */
function renderDisturbance(findings: readonly Finding[], what: string): string {
  const row = (label: string, figure: (finding: Finding) => number | null): readonly string[] => [
    label,
    ...findings.map((finding) => {
      const value = figure(finding);
      return value === null ? '–' : round(value);
    }),
  ];
  return renderTable([
    [what, ...findings.map(({ proxy }) => proxy)],
    row('unobserved', ({ cpu }) => cpu),
    row('while stacks are sampled', ({ cpuWhileSampled }) => cpuWhileSampled),
    row('while system calls are counted', ({ cpuWhileCounted }) => cpuWhileCounted),
  ]);
}

function renderCalls(findings: readonly Finding[]): string {
  const perUnit = ({ calls, units }: Finding, name: string): number => (calls?.get(name) ?? 0) / units;
  const names = Array.from(new Set(findings.flatMap(({ calls }) => Array.from(calls?.keys() ?? []))));
  const most = (name: string): number =>
    name === OTHERS ? -1 : Math.max(...findings.map((finding) => perUnit(finding, name)));
  const rows = names
    .filter((name) => findings.some((finding) => shown(perUnit(finding, name)) !== ''))
    .sort((a, b) => most(b) - most(a))
    .map((name) => [name, ...findings.map((finding) => shown(perUnit(finding, name)))]);
  const totals = findings.map((finding) =>
    shown(Array.from(finding.calls?.values() ?? []).reduce((sum, count) => sum + count, 0) / finding.units),
  );
  return renderTable([['call', ...findings.map(({ proxy }) => proxy)], ...rows, ['all', ...totals]]);
}

/** Empty for what is not worth a word: one in two hundred. */
function shown(perUnit: number): string {
  if (perUnit < 0.005) return '';
  return perUnit >= 100 ? perUnit.toFixed(0) : perUnit.toFixed(2);
}

function renderShares(
  findings: readonly Finding[],
  sharesOf: (stacks: readonly Stack[]) => readonly Share[],
  total: string,
): string {
  const columns = findings.map(({ stacks, cpu }) => ({
    cpu,
    stacks: stacks ?? [],
    shares: sharesOf(stacks ?? []),
  }));
  const labels = Array.from(new Set(columns.flatMap(({ shares }) => shares.map(({ label }) => label))));
  const shareOf = (shares: readonly Share[], label: string): number =>
    shares.find((share) => share.label === label)?.share ?? 0;
  const most = (label: string): number => Math.max(...columns.map(({ shares }) => shareOf(shares, label)));
  const rows = labels
    .filter((label) => most(label) >= LEAST_SHARE)
    .sort((a, b) => most(b) - most(a))
    .map((label) => [label, ...columns.map(({ cpu, shares }) => cell(cpu, shareOf(shares, label)))]);
  const totals = columns.map(({ cpu, stacks }) => cell(cpu, total === 'all' ? 1 : kernelShare(stacks)));
  return renderTable([['', ...findings.map(({ proxy }) => proxy)], ...rows, [total, ...totals]]);
}

function renderFunctions({ proxy, cpu, stacks }: Finding): string {
  const functions = sharesByFunction(stacks ?? [], MOST_FUNCTIONS);
  const words = functions.map(({ label, share }) => `\`${label}\` ${cell(cpu, share)}`);
  return `- ${proxy}: ${words.join(', ')}`;
}

const MOST_FUNCTIONS = 10;
const LEAST_SHARE = 0.005;

/** In the load's unit, and as a share of the proxy's whole. */
function cell(cpu: number, share: number): string {
  if (share === 0) return '';
  return `${round(cpu * share)} (${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %)`;
}
