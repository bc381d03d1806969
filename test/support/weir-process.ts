import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { isAlive, processTree, type SeenProcess } from '../../bench/measure/process-tree.ts';
import { weirEntry } from './command-line.ts';
import type { Scope } from './scope.ts';
import { until, within } from './until.ts';

export interface WeirOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** In a process group of its own, as in a terminal: `interrupt` reaches all of it. @default false */
  readonly hasOwnGroup?: boolean;
  /** The user to run as. @default this process' own */
  readonly uid?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const EXIT_TIMEOUT_MS = 30_000;
const TAIL_LINES = 40;
const TAIL_ACCESS_LINES = 15;

/** A `weir` that runs on as a process of its own; WEIR_ENGINE chooses its engine. It is gone with the scope, and its log is shown where a test fails. */
export class WeirProcess {
  /** What it has written so far, standard error included, line by line. */
  readonly lines: string[] = [];
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #args: readonly string[];
  readonly #hasOwnGroup: boolean;

  constructor(scope: Scope, options: WeirOptions) {
    const { args, env = {}, cwd, hasOwnGroup = false, uid } = options;
    const inherited = Object.entries(process.env).filter(
      ([name]) => (!name.startsWith('WEIR_') || name === 'WEIR_ENGINE') && name !== 'FORCE_COLOR',
    );
    this.#args = args;
    this.#hasOwnGroup = hasOwnGroup;
    const child = spawn(process.execPath, [weirEntry, ...args], {
      cwd,
      env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: hasOwnGroup,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.#child = child;
    this.exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => this.lines.push(line));
    }
    killAtExit(child);
    scope.teardown(() => this.#end());
    scope.onFailure(() => this.tail());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** It and everything below it, as it lives now. */
  processes(): readonly SeenProcess[] {
    return processTree(this.pid);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ctrl-C in a terminal: every process of its group gets the signal. */
  interrupt(): void {
    process.kill(this.#hasOwnGroup ? -this.pid : this.pid, 'SIGINT');
  }

  /** How it ended. Rejects where it does not. */
  async exit(timeoutMs = EXIT_TIMEOUT_MS): Promise<Exit> {
    return within(`the end of weir ${this.#args.join(' ')}`, this.exited, timeoutMs).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.tail()}`);
    });
  }

  /** The first line, written or yet to be written, that matches. Rejects where it ends without, or takes too long. */
  async line(pattern: RegExp, timeoutMs?: number): Promise<string> {
    return this.#untilLog(String(pattern), () => this.lines.find((line) => pattern.test(line)), timeoutMs);
  }

  /** The same for a line of JSON. */
  async entry(matches: Partial<LogEntry> | ((entry: LogEntry) => boolean), timeoutMs?: number) {
    const isMatch =
      typeof matches === 'function'
        ? matches
        : (entry: LogEntry) => Object.entries(matches).every(([key, value]) => entry[key] === value);
    const what = typeof matches === 'function' ? String(matches) : JSON.stringify(matches);
    return this.#untilLog(what, () => this.entries().find(isMatch), timeoutMs);
  }

  /** The lines of JSON so far. */
  entries(): readonly LogEntry[] {
    return this.lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogEntry] : []));
  }

  /** The end of what it has written, for the report of a failure: of the access log less, since there is so much of it. */
  tail(): string {
    const said = this.lines.filter((line) => !isAccessLine(line)).slice(-TAIL_LINES);
    const access = this.lines.filter(isAccessLine).slice(-TAIL_ACCESS_LINES);
    return [`weir ${this.#args.join(' ')} (process ${this.pid}) wrote:`, ...said, ...access].join('\n  ');
  }

  async #untilLog<Found>(what: string, find: () => Found | undefined, timeoutMs?: number): Promise<Found> {
    const found = await until(
      `a line like ${what}`,
      () => {
        const line = find();
        if (line !== undefined) return { line };
        return this.hasExited ? { line: undefined } : null;
      },
      timeoutMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.tail()}`);
    });
    if (found.line === undefined) {
      await this.exited;
      const late = find();
      if (late !== undefined) return late;
      throw new Error(`it ended without a line like ${what}\n${this.tail()}`);
    }
    return found.line;
  }

  /** Politely twice, which cuts a drain short; then by force. */
  async #end(): Promise<void> {
    if (this.hasExited) return;
    const below = this.processes();
    this.kill('SIGTERM');
    const polite = this.exit(15_000);
    this.kill('SIGTERM');
    try {
      await polite;
    } catch (error) {
      for (const each of below) if (isAlive(each)) process.kill(each.pid, 'SIGKILL');
      throw error;
    }
  }
}

/** A test file that is cut off by its timeout runs no teardown. */
function killAtExit(child: ChildProcess): void {
  if (children.size === 0) {
    process.once('exit', () => {
      for (const each of children) each.kill('SIGKILL');
    });
  }
  children.add(child);
}

const children = new Set<ChildProcess>();

function isAccessLine(line: string): boolean {
  return line.includes('"client_port":');
}

/** A line of the log: weir's own have a `msg`, the access log's a `reason`. */
export interface LogEntry {
  readonly [key: string]: unknown;
}
