import type { Coverage, FileCoverage } from './coverage.ts';
import { mutated, type Stock } from './mutate.ts';
import { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

/** Executions between two looks at the coverage, which cost a millisecond each. */
const BATCH = 500;

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly coverage: Coverage;
  /** Called with each input before it is run, for who watches. */
  readonly before?: (input: Uint8Array) => void;
}

export interface FuzzReport {
  readonly target: string;
  readonly executions: number;
  readonly seconds: number;
  /** The seeds, and each input since that ran or was taken in a new way. */
  readonly corpus: readonly Uint8Array[];
  readonly coverage: readonly FileCoverage[];
}

/** Something does not hold: `cause` says what, for `input`. */
export class Finding extends Error {
  readonly input: Uint8Array;

  constructor(target: string, input: Uint8Array, cause: unknown) {
    super(`${target} does not hold for ${Buffer.from(input).toString('base64')}`, { cause });
    this.input = input;
  }
}

/** Runs a target with ever more inputs until the time is over. Throws a `Finding` for the first that does not hold. */
export function fuzz(target: FuzzTarget, options: FuzzOptions): FuzzReport {
  const fuzzer = new Fuzzer(target, options);
  const begun = performance.now();
  const executions = fuzzer.run(begun + options.seconds * 1000);
  return {
    target: target.name,
    executions,
    seconds: (performance.now() - begun) / 1000,
    corpus: fuzzer.corpus,
    coverage: options.coverage.report(),
  };
}

class Fuzzer {
  readonly corpus: Uint8Array[] = [];
  readonly #target: FuzzTarget;
  readonly #options: FuzzOptions;
  readonly #random: Random;
  readonly #stock: Stock;
  readonly #ways = new Set<string>();
  #executions = 0;

  constructor(target: FuzzTarget, options: FuzzOptions) {
    this.#target = target;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#stock = { corpus: this.corpus, words: target.words, maxBytes: target.maxBytes };
  }

  run(deadline: number): number {
    for (const seed of this.#target.seeds) {
      this.corpus.push(seed);
      this.#ways.add(this.#execute(seed));
    }
    const { coverage } = this.#options;
    coverage.merge(coverage.take(this.#target.files));
    while (performance.now() < deadline) this.#runBatch();
    return this.#executions;
  }

  #runBatch(): void {
    const batch: Uint8Array[] = [];
    for (let count = 0; count < BATCH; count += 1) {
      const input = this.#next();
      const way = this.#execute(input);
      if (this.#ways.has(way)) batch.push(input);
      else {
        this.#ways.add(way);
        this.corpus.push(input);
      }
    }
    const { coverage } = this.#options;
    const taken = coverage.take(this.#target.files);
    this.#keepNew(batch, taken);
    coverage.merge(taken); // also what an input ran that was kept for another reason, and what no second run repeats
  }

  /** Halves a batch that ran something new until the inputs are found that did. */
  #keepNew(batch: readonly Uint8Array[], taken: ReadonlyMap<string, Uint8Array>): void {
    const { coverage } = this.#options;
    if (!coverage.hasNew(taken)) return;
    const [only] = batch;
    if (batch.length <= 1) {
      coverage.merge(taken);
      if (only !== undefined) this.corpus.push(only);
      return;
    }
    const half = batch.length >> 1;
    for (const part of [batch.slice(0, half), batch.slice(half)]) {
      for (const input of part) this.#execute(input);
      this.#keepNew(part, coverage.take(this.#target.files));
    }
  }

  #next(): Uint8Array {
    const random = this.#random;
    // What was found last is where there may be more to find.
    const from = random.oneIn(3)
      ? this.corpus.length - 1 - random.small(this.corpus.length)
      : random.below(this.corpus.length);
    const input = this.corpus[from] ?? new Uint8Array(0);
    const known = random.oneIn(4) ? null : (this.#target.mutate?.(input, this.#stock, random) ?? null);
    if (known !== null && !random.oneIn(4)) return known;
    return mutated(known ?? input, this.#stock, random);
  }

  #execute(input: Uint8Array): string {
    this.#options.before?.(input);
    this.#executions += 1;
    try {
      return this.#target.run(input, this.#random);
    } catch (cause) {
      throw new Finding(this.#target.name, input, cause);
    }
  }
}
