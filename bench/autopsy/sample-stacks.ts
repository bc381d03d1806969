import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Session } from '../session.ts';
import { observed, WATCH_UNTIL_STOPPED } from './observe.ts';
import { parseStacks, SCRIPT_FIELDS, type Stack } from './stacks.ts';

const run = promisify(execFile);

/** A prime number a second, so that nothing periodic is met at each of its turns. */
const SAMPLES_PER_SECOND = 2_999;
const MAX_OUTPUT_BYTES = 2 ** 29;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** For the measured processes: V8 then writes down where it puts the code of which function, for perf to read. */
export const NAMED_SCRIPTS = '--perf-basic-prof';

/**
 * Where the processes were while the work was done, at moments of their own CPU time. The clock is the kernel's and not the
 * processor's counter of cycles, which virtual machines do not have: what runs with interrupts off is seen when they are
 * on again.
 */
export async function sampleStacks<Result>(
  { session, pids }: { readonly session: Session; readonly pids: readonly number[] },
  work: () => Promise<Result>,
): Promise<{ readonly stacks: readonly Stack[]; readonly result: Result }> {
  const file = session.path(`samples-${pids[0]}`);
  const clock = ['-e', 'cpu-clock', '-F', String(SAMPLES_PER_SECOND)];
  const observer = {
    command: 'perf',
    args: ['record', ...clock, '-g', '-o', file, '-p', pids.join(','), '--', ...WATCH_UNTIL_STOPPED],
    outputFile: `perf-record-${pids[0]}.log`,
    isWatching: (printed: string) => printed.includes('watching'),
  };
  const result = await observed(session, observer, work);
  const { stdout } = await run('perf', ['script', '-i', file, '-F', SCRIPT_FIELDS], {
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  rmSync(file);
  return { stacks: parseStacks(stdout, { root: ROOT }), result };
}

/**
 * Removes what V8 wrote down, which perf wants in `/tmp` and nobody else removes: of all processes that have ended, since
 * the environment reaches those as well that the measured ones have started. @param since As `Date.now` gives it.
 */
export function forgetScripts(since: number): void {
  for (const name of readdirSync('/tmp')) {
    const pid = /^perf-(\d+)\.map$/.exec(name)?.[1];
    const file = `/tmp/${name}`;
    if (pid !== undefined && !existsSync(`/proc/${pid}`) && statSync(file).mtimeMs >= since) rmSync(file);
  }
}
