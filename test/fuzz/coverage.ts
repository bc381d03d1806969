import { Session } from 'node:inspector';

/** How much of one source file has run, in characters of its text. */
export interface FileCoverage {
  readonly file: string;
  readonly covered: number;
  readonly total: number;
}

/** What of some source files has run, by V8's own counters for each block. One for each thread, begun before they load. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Map<string, Uint8Array>();

  constructor() {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Forgets what has run so far in these files, and what has run since the last call. */
  reset(files: readonly string[]): void {
    this.#seen.clear();
    this.merge(this.take(files));
  }

  /** What has run since the last call: costs a millisecond, so it is taken of many executions at once. */
  take(files: readonly string[]): ReadonlyMap<string, Uint8Array> {
    const taken = new Map<string, Uint8Array>();
    const { result } = this.#post('Profiler.takePreciseCoverage') as { readonly result: readonly Script[] };
    for (const { url, functions } of result) {
      const file = files.find((each) => url.endsWith(each));
      if (file === undefined) continue;
      const size = Math.max(...functions.flatMap(({ ranges }) => ranges.map((range) => range.endOffset)));
      const painted = taken.get(file) ?? new Uint8Array(size);
      taken.set(file, painted);
      // Outer functions and ranges come before what is in them, so what is painted last holds.
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          painted.fill(count > 0 ? 1 : 0, startOffset, endOffset);
        }
      }
    }
    return taken;
  }

  hasNew(taken: ReadonlyMap<string, Uint8Array>): boolean {
    for (const [file, painted] of taken) {
      const seen = this.#seen.get(file);
      for (let at = 0; at < painted.length; at += 1) {
        if (painted[at] === 1 && seen?.[at] !== 1) return true;
      }
    }
    return false;
  }

  merge(taken: ReadonlyMap<string, Uint8Array>): void {
    for (const [file, painted] of taken) {
      const seen = this.#seen.get(file) ?? new Uint8Array(0);
      const size = Math.max(seen.length, painted.length);
      const both = Uint8Array.from({ length: size }, (_, at) => (seen[at] ?? 0) | (painted[at] ?? 0));
      this.#seen.set(file, both);
    }
  }

  report(): readonly FileCoverage[] {
    return Array.from(this.#seen, ([file, seen]) => {
      const covered = seen.reduce((sum, one) => sum + one, 0);
      return { file, covered, total: seen.length };
    });
  }

  /** The stretches of a file's text that have not run. */
  gaps(file: string): readonly (readonly [number, number])[] {
    const gaps: [number, number][] = [];
    const seen = this.#seen.get(file) ?? new Uint8Array(0);
    for (let at = 0; at < seen.length; at += 1) {
      const last = gaps.at(-1);
      if (seen[at] === 1) continue;
      if (last !== undefined && last[1] === at) last[1] = at + 1;
      else gaps.push([at, at + 1]);
    }
    return gaps;
  }

  close(): void {
    this.#session.disconnect();
  }

  /** Answers at once: the session is on this thread. */
  #post(method: string, params: object = {}): unknown {
    let answer: unknown;
    this.#session.post(method, params, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  }
}

interface Script {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly {
      readonly startOffset: number;
      readonly endOffset: number;
      readonly count: number;
    }[];
  }[];
}
