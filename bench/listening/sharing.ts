import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Session } from '../session.ts';

/** How workers share a port: `sharing.c` has what each of them means. */
export const SHARINGS = ['shared', 'exclusive', 'own', 'kept'] as const;
export type Sharing = (typeof SHARINGS)[number];

/** What one worker has accepted, and what it has looked for in vain, since its start. */
export interface WorkerCounts {
  readonly pid: number;
  readonly accepts: number;
  /** Runs of accepts that found nothing at all. */
  readonly vainAccepts: number;
  /** Times that the engine was woken and looked. */
  readonly turns: number;
  /** Of these, the ones that found nothing. */
  readonly emptyTurns: number;
}

/** The signal at which a worker that runs with the library drains and leaves, as if its primary had gone. */
export const LEAVE_SIGNAL = 36;

const SOURCE = fileURLToPath(new URL('./sharing.c', import.meta.url));
const OWNERS = 8;
const MOST_PROCESSES = 62;
const FIELDS = 6;
const BYTES_PER_NUMBER = 8;

/** Builds the library with one call of the compiler, once for a session. Throws with what the compiler says. */
export function buildSharing(session: Session): string {
  const library = session.path('sharing.so');
  const compiler = process.env['CC'] ?? 'cc';
  const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared'];
  const { status, stderr, error } = spawnSync(compiler, [...flags, '-o', library, SOURCE, '-ldl'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${compiler} cannot build ${SOURCE}: ${error?.message ?? stderr}`);
  return library;
}

/** The counts of one edge's workers, in a file that they share with this process. */
export class SharingBoard {
  readonly #file: string;

  /** @param name Of the file in the session's directory. */
  constructor(session: Session, name: string) {
    this.#file = session.path(name);
    writeFileSync(this.#file, Buffer.alloc((1 + OWNERS + MOST_PROCESSES * FIELDS) * BYTES_PER_NUMBER));
  }

  /** What an edge on this port has to have in its environment. */
  environment(setup: {
    readonly library: string;
    readonly sharing: Sharing;
    readonly workers: number;
    readonly port: number;
  }): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: setup.library,
      BENCH_LISTENING_SHARING: setup.sharing,
      BENCH_LISTENING_WORKERS: String(setup.workers),
      BENCH_LISTENING_PORT: String(setup.port),
      BENCH_LISTENING_COUNTS: this.#file,
    };
  }

  /** In the order in which they began to listen; those that have ended are among them. */
  read(): readonly WorkerCounts[] {
    const board = readFileSync(this.#file);
    const numberAt = (index: number): number => Number(board.readBigUInt64LE(index * BYTES_PER_NUMBER));
    return Array.from({ length: numberAt(0) }, (_, at) => {
      const first = 1 + OWNERS + at * FIELDS;
      return {
        pid: numberAt(first),
        accepts: numberAt(first + 1),
        vainAccepts: numberAt(first + 3),
        turns: numberAt(first + 4),
        emptyTurns: numberAt(first + 5),
      };
    });
  }
}
