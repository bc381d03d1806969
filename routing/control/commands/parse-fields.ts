import { invalid, ok, type Parsed } from '../../model/parsed.ts';
import { type Port, parsePort } from '../../model/port.ts';
import type { FieldProblem } from '../control.ts';

/** Several fields that have been parsed: all of them, or every problem at once. */
export type Fields<Values> =
  | { readonly kind: 'ok'; readonly value: Values }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] };

/** Puts the results of the fields' parsers together. */
export function parseFields<Values extends object>(
  parsed: {
    readonly [Field in keyof Values]: Parsed<Values[Field]>;
  },
): Fields<Values> {
  const values: Partial<Values> = {};
  const problems: FieldProblem[] = [];
  for (const field of Object.keys(parsed) as (keyof Values & string)[]) {
    const result = parsed[field];
    if (result.kind === 'ok') values[field] = result.value;
    else problems.push({ field, problem: result.problem });
  }
  // Complete, since each field of `Values` was there to be parsed.
  return problems.length === 0 ? fieldsOf(values as Values) : { kind: 'invalid', problems };
}

/** Fields that are all right. */
export function fieldsOf<Values>(value: Values): Fields<Values> {
  return { kind: 'ok', value };
}

/** Puts fields together that were parsed apart. */
export function joinFields<One extends object, Other extends object>(
  one: Fields<One>,
  other: Fields<Other>,
): Fields<One & Other> {
  if (one.kind === 'ok' && other.kind === 'ok') return fieldsOf({ ...one.value, ...other.value });
  const problems = [one, other].flatMap((each) => (each.kind === 'invalid' ? each.problems : []));
  return { kind: 'invalid', problems };
}

/** A text that has to be there. Callers may hand in what their types do not allow. */
export function required<Value>(input: unknown, parse: (text: string) => Parsed<Value>): Parsed<Value> {
  if (input === undefined || input === null || input === '') return invalid('is required');
  return typeof input === 'string' ? parse(input) : invalid('must be a text');
}

/** A field that may be absent. */
export function optional<Value, Absent>(
  input: unknown,
  absent: Absent,
  parse: (input: unknown) => Parsed<Value>,
): Parsed<Value | Absent> {
  return input === undefined ? ok(absent) : parse(input);
}

/** A port that has to be there, as a number or as text. */
export function parsePortField(input: unknown): Parsed<Port> {
  if (input === undefined || input === null || input === '') return invalid('is required');
  return parsePort(typeof input === 'number' ? input : String(input));
}
