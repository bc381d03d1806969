import { invalid, ok, type Parsed } from './parsed.ts';

/** Decodes one value of unknown origin. */
export type Decoder<Value> = (input: unknown) => Parsed<Value>;

/** A decoder for each field. */
export type Shape<Value> = { readonly [Field in keyof Value]-?: Decoder<Value[Field]> };

/** Decodes an object that has exactly the fields of `shape`. */
export function decodeObject<Value extends object>(input: unknown, shape: Shape<Value>): Parsed<Value> {
  const unknown = isRecord(input) && Object.keys(input).find((name) => !Object.hasOwn(shape, name));
  if (typeof unknown === 'string')
    return invalid(`has the field ${JSON.stringify(unknown)}, which is not known`);
  return decodeFields(input, shape);
}

/** Decodes the fields of `shape` from an object that may have others, which are left out. */
export function decodeFields<Value extends object>(input: unknown, shape: Shape<Value>): Parsed<Value> {
  if (!isRecord(input)) return invalid('is not an object');
  const names = Object.keys(shape) as (keyof Value & string)[];
  const fields: Partial<Value> = {};
  for (const name of names) {
    const field = shape[name](input[name]);
    if (field.kind === 'invalid') return invalid(`${name} ${field.problem}`);
    fields[name] = field.value;
  }
  // Complete, since `shape` has a decoder for each field of `Value`.
  return ok(fields as Value);
}

/** Whether it is an object with fields, and no array. */
export function isRecord(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

/** Decodes a text by a parser of the model. */
export function text<Value>(parse: (input: string) => Parsed<Value>): Decoder<Value> {
  return (input) => (typeof input === 'string' ? parse(input) : invalid('must be a text'));
}

/** Decodes a number by a parser of the model. */
export function number<Value>(parse: (input: number) => Parsed<Value>): Decoder<Value> {
  return (input) => (typeof input === 'number' ? parse(input) : invalid('must be a number'));
}

/** Decodes a boolean. */
export function flag(input: unknown): Parsed<boolean> {
  return typeof input === 'boolean' ? ok(input) : invalid('must be true or false');
}

/** Decodes an array of such values. */
export function list<Value>(decode: Decoder<Value>): Decoder<readonly Value[]> {
  return (input) => {
    if (!Array.isArray(input)) return invalid('must be a list');
    const values: Value[] = [];
    for (const [at, each] of input.entries()) {
      const value = decode(each);
      if (value.kind === 'invalid') return invalid(`[${at}] ${value.problem}`);
      values.push(value.value);
    }
    return ok(values);
  };
}

/** Decodes null, or what `decode` takes. */
export function orNull<Value>(decode: Decoder<Value>): Decoder<Value | null> {
  return (input) => (input === null ? ok(null) : decode(input));
}

/** Decodes one of a few words. */
export function oneOf<Value extends string>(values: readonly Value[]): Decoder<Value> {
  return (input) => {
    const value = values.find((known) => known === input);
    return value === undefined ? invalid(`must be ${orList(values)}`) : ok(value);
  };
}

/** `a or b`, `a, b or c`. */
function orList(values: readonly string[]): string {
  return [values.slice(0, -1).join(', '), values.at(-1)].filter(Boolean).join(' or ');
}
