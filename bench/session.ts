import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, copyFileSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Machine } from './measure/machine.ts';
import { isAlive, processTree } from './measure/process-tree.ts';

export interface SessionOptions {
  /** For what runs on the proxy's side, beside the program's own. @default nothing */
  readonly proxyEnvironment?: Readonly<Record<string, string>>;
}

/** What to run, and on which core; `free` on any. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly side: 'proxy' | 'load' | 'backend' | 'free';
  readonly environment?: Readonly<Record<string, string>>;
  /** File in the session's directory that takes its output. @default thrown away, but for errors of the load's side */
  readonly outputFile?: string;
  /** Opens a channel for messages. @default false */
  readonly hasChannel?: boolean;
}

const POLL_MS = 20;
const STOP_GRACE_MS = 10_000;

/**
 * Everything that a run starts, so that it can be ended however the run ends: processes, with all of their
 * descendants, and a directory for their files.
 */
export class Session implements AsyncDisposable {
  readonly machine: Machine;
  /** Absolute; removed at the end. */
  readonly directory: string;
  readonly #proxyEnvironment: Readonly<Record<string, string>>;
  readonly #children = new Set<ChildProcess>();
  #isEnding = false;

  constructor(machine: Machine, { proxyEnvironment = {} }: SessionOptions = {}) {
    this.machine = machine;
    this.#proxyEnvironment = proxyEnvironment;
    this.directory = mkdtempSync(join(tmpdir(), 'weir-bench-'));
    // PostgreSQL will not run as root, and must reach its data as another user.
    chmodSync(this.directory, 0o755);
  }

  /** Whether its end has begun: what fails from now on fails because of that. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Absolute path of a file or folder of this run. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /**
   * A copy of this Node for the measured proxies. Processes that run the same file share its pages, and PSS splits those
   * between all of them: with the load's Node processes beside it a proxy would look tens of MiB smaller than it is alone.
   */
  proxyNode(): string {
    const copy = this.path('node');
    if (!existsSync(copy)) copyFileSync(process.execPath, copy);
    return copy;
  }

  start(program: Program): ChildProcess {
    if (this.#isEnding) throw new Error('the session is ending');
    const [command, args] = pinned(program, this.machine);
    const output = program.outputFile === undefined ? null : openSync(this.path(program.outputFile), 'a');
    const child = spawn(command, args, {
      // Some write files where they are: V8 with a profiler's option for one.
      ...(program.side === 'proxy' ? { cwd: this.directory } : {}),
      stdio: [
        'ignore',
        output ?? 'ignore',
        output ?? (program.side === 'load' || program.side === 'backend' ? 'inherit' : 'ignore'),
        program.hasChannel === true ? 'ipc' : 'ignore',
      ],
      env: {
        ...process.env,
        ...(program.side === 'proxy' ? this.#proxyEnvironment : {}),
        ...program.environment,
      },
    });
    if (output !== null) closeSync(output);
    this.#children.add(child);
    child.on('error', () => this.#children.delete(child));
    return child;
  }

  /** Asks the process to end, and kills what is left of it and its descendants after 10 s. */
  async stop(child: ChildProcess): Promise<void> {
    const { pid } = child;
    if (pid === undefined) return;
    const tree = processTree(pid);
    const deadline = performance.now() + STOP_GRACE_MS;
    if (!hasEnded(child)) child.kill('SIGTERM');
    while (tree.some(isAlive) && performance.now() < deadline) await delay(POLL_MS);
    for (const left of tree.filter(isAlive)) kill(left.pid);
    if (!hasEnded(child)) await once(child, 'exit');
    this.#children.delete(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await Promise.all(Array.from(this.#children, (child) => this.stop(child)));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function pinned({ command, args, side }: Program, { pinning }: Machine): [string, readonly string[]] {
  if (pinning === null || side === 'free') return [command, args];
  return ['taskset', ['-c', String(pinning[`${side}Core`]), command, ...args]];
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
