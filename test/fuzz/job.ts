import type { FuzzReport } from './fuzzer.ts';

/** What a thread is to fuzz. */
export interface FuzzJob {
  readonly name: string;
  readonly seconds: number;
  readonly seed: number;
  /** Two 32-bit numbers, how many inputs were begun and the length of the last one, then that input. */
  readonly watched: SharedArrayBuffer;
}

export type FuzzMessage =
  | {
      readonly kind: 'done';
      readonly report: FuzzReport;
      /** By file: the stretches of its text that no input ran. */
      readonly gaps: Readonly<Record<string, readonly (readonly [number, number])[]>>;
    }
  | { readonly kind: 'finding'; readonly input: Uint8Array; readonly problem: string };
