import type { Stock } from './mutate.ts';
import type { Random } from './random.ts';

/** One parser, or a few that belong together, and what must hold of them for every input. */
export interface FuzzTarget {
  readonly name: string;
  /** The ends of the paths of what is to be covered, such as `edge/wire/uint.ts`. */
  readonly files: readonly string[];
  /** Inputs to begin with. */
  readonly seeds: readonly Uint8Array[];
  /** Words of the format. */
  readonly words: readonly Uint8Array[];
  readonly maxBytes: number;
  /**
   * Throws where something does not hold. Answers in a word or two how the parser took the input: an input that is taken
   * in a new way is kept and mutated on.
   */
  run(input: Uint8Array, random: Random): string;
  /** A change that knows the format; null where it does not apply to this input. */
  mutate?(input: Uint8Array, stock: Stock, random: Random): Uint8Array | null;
}
