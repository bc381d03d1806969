import { spawnSync } from 'node:child_process';

/** How system calls can be counted here, and whether stacks can be sampled. */
export interface Tools {
  readonly counter: 'perf' | 'strace' | null;
  readonly canSample: boolean;
  /** One sentence for each thing that cannot be done, with its remedy. */
  readonly notes: readonly string[];
}

const INSTALL = 'run: npm run bench:peers';
const PERMIT =
  'run it as root, or set the sysctl kernel.perf_event_paranoid to -1 and kernel.kptr_restrict to 0';

export function findTools(): Tools {
  const hasPerf = works('perf', ['--version']);
  const canCount = hasPerf && works('perf', ['stat', '-e', 'raw_syscalls:sys_enter', '--', 'true']);
  // Of the kernel's part: without leave perf goes on with the rest, and would find everything there.
  const canSample =
    hasPerf && works('perf', ['record', '-e', 'cpu-clock:k', '-g', '-o', '/dev/null', '--', 'true']);
  const hasStrace = works('strace', ['-c', '-o', '/dev/null', 'true']);
  const notes: string[] = [];
  if (!hasPerf) notes.push(`no flame graphs and no shares: perf is not installed; ${INSTALL}`);
  else if (!canSample)
    notes.push(`no flame graphs and no shares: perf may not look into processes here; ${PERMIT}`);
  if (!canCount && hasStrace)
    notes.push(
      'system calls were counted by strace, which slows the proxy down, so it finds more to do each time it wakes;' +
        ` for counting with perf ${hasPerf ? PERMIT : INSTALL}`,
    );
  if (!canCount && !hasStrace)
    notes.push(`no system calls: neither perf nor strace can count them here; ${hasPerf ? PERMIT : INSTALL}`);
  return { counter: canCount ? 'perf' : hasStrace ? 'strace' : null, canSample, notes };
}

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, [...args], { stdio: 'ignore' }).status === 0;
}
