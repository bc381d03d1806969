/** What a parser of configuration text answers: the value, or what is wrong, as a clause that follows the quoted text. */
export type Parsed<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  | { readonly kind: 'invalid'; readonly problem: string };

export function ok<Value>(value: Value): Parsed<Value> {
  return { kind: 'ok', value };
}

export function invalid(problem: string): { readonly kind: 'invalid'; readonly problem: string } {
  return { kind: 'invalid', problem };
}
