/** What a parser of the model answers: the value, or what is wrong with the input, as a clause for a message. */
export type Parsed<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  | { readonly kind: 'invalid'; readonly problem: string };

export function ok<Value>(value: Value): Parsed<Value> {
  return { kind: 'ok', value };
}

export function invalid(problem: string): { readonly kind: 'invalid'; readonly problem: string } {
  return { kind: 'invalid', problem };
}
