/** Where the addon is looked for, after the prebuilt ones. */
export const OUTPUT: string;

/** Builds it. Answers why it could not be built, in one line, or null. Flags take the place of the optimising ones. */
export function build(options?: {
  readonly output?: string;
  readonly flags?: readonly string[];
}): string | null;

/** Whether `output` is there and no source is younger. */
export function isFresh(output?: string): boolean;
