import { z } from 'zod';
import type { Form } from './form.ts';
import { quote } from './quote.ts';

/** What the reference and the messages say of a key, beside what its schema does. */
export interface KeyFacts {
  readonly accepts: string;
  /** As it would be written, or in words; null where the key must be written. */
  readonly default: string | null;
  /** What 0 means, or that it is refused; null where there is no zero. */
  readonly zero: string | null;
  /** One sentence. */
  readonly about: string;
}

/** The facts of every key, by its schema. Whoever declares a key puts them here, whoever documents keys reads them. */
export const KEY_FACTS = z.registry<KeyFacts>();

/** A key that may be left out. */
export function key<Value>(
  form: Form<Value>,
  { default: standard, about }: { default: string; about: string },
) {
  return text(form)
    .prefault(standard)
    .register(KEY_FACTS, { ...factsOf(form), default: standard, about });
}

/** A key that must be written wherever the map that it is in is. */
export function requiredKey<Value>(form: Form<Value>, { about }: { about: string }) {
  return text(form).register(KEY_FACTS, { ...factsOf(form), default: null, about });
}

/** Text in a form. Every source gives scalars as text, so that a value means the same in each of them. */
export function text<Value>(form: Form<Value>) {
  return z
    .string({ error: ({ input }) => notText(input, form.accepts) })
    .transform((written, context): Value => {
      const parsed = form.parse(written);
      if (parsed.kind === 'ok') return parsed.value;
      const shown = form.isSecret ? 'the value (not shown)' : quote(written);
      context.issues.push({ code: 'custom', message: `${shown} ${parsed.problem}`, input: null });
      return z.NEVER;
    });
}

/** A map of keys, and of no others. */
export function map<Shape extends z.ZodRawShape>(accepts: string, shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code, input }) => (code === 'invalid_type' ? wrongShape(input, accepts) : undefined),
  });
}

/** What to say where something else is written than what is accepted. */
export function wrongShape(input: unknown, accepts: string): string {
  if (input === undefined) return `is missing; write ${accepts}`;
  if (input === null) return `has no value; write ${accepts}`;
  return `must be ${accepts}`;
}

function factsOf({ accepts, zero }: Form<unknown>): {
  readonly accepts: string;
  readonly zero: string | null;
} {
  return { accepts, zero };
}

function notText(input: unknown, accepts: string): string {
  if (input === undefined) return `is missing; accepted: ${accepts}`;
  if (input === null) return `has no value; leave the key out, or write: ${accepts}`;
  const hint = Array.isArray(input)
    ? 'list where one value belongs (text that starts with "[" needs quotes)'
    : 'map where one value belongs';
  return `is a ${hint}; accepted: ${accepts}`;
}
