/** Those of a flag's list, in the order of `choices`; null where it was not given. Throws for what is none of them. */
export function choose<Choice extends string>(
  flag: string,
  given: readonly string[] | undefined,
  choices: readonly Choice[],
): readonly Choice[] | null {
  if (given === undefined) return null;
  const names = given.flatMap((list) => list.split(','));
  const unknown = names.find((name) => !choices.some((choice) => choice === name));
  if (unknown !== undefined) throw new Error(`--${flag} ${unknown}: not one of ${choices.join(', ')}`);
  return choices.filter((choice) => names.includes(choice));
}

/** Throws for what is not a whole number above 0. */
export function count(flag: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!Number.isInteger(value) || value <= 0)
    throw new Error(`--${flag} ${given}: not a whole number above 0`);
  return value;
}

/** Throws for what is not a number above 0. */
export function positive(flag: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${flag} ${given}: not a number above 0`);
  return value;
}
