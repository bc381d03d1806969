import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What a run of the command line came to. */
export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly entry?: string;
  readonly nodeOptions?: readonly string[];
  /** What is on standard input. @default nothing */
  readonly stdin?: string;
}

/** What `weir` is in PATH. */
export const weirEntry = join(import.meta.dirname, '../../edge/cli/weir.js');

/** Runs the real `weir` as a process of its own, with nothing of this machine's WEIR_ variables, and waits for its end. */
export async function weir(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { env = {}, cwd, entry = weirEntry, nodeOptions = [], stdin = '' } = options;
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('WEIR_') && name !== 'FORCE_COLOR',
  );
  const child = spawn(process.execPath, [...nodeOptions, entry, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {}); // it may end without having read
  child.stdin.end(stdin);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { exitCode, stdout, stderr };
}
