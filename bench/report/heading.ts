import type { Results } from './results.ts';

/** What was run, on what, and which versions; the machine itself is not named. */
export function renderHeading({
  at,
  command,
  machine,
  versions,
}: Pick<Results, 'at' | 'command' | 'machine' | 'versions'>): string {
  const pinning = machine.pinning === null ? 'not pinned: fewer than two cores, or no taskset' : 'pinned';
  const proxies = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${command}\`, ${at.slice(0, 10)}`,
    '',
    `${machine.cores} cores (${pinning}), ${machine.kernel}, TCP ${machine.congestionControl}, Node ${machine.node}; ${proxies.join(', ')}`,
  ].join('\n');
}
