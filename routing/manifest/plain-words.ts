import type { z } from 'zod';
import { nearest } from '../../config/nearest.ts';
import { quote } from '../../config/quote.ts';

/** Says what a schema found wrong as a clause that goes after the value's path: what belongs there, and what is there. */
export function inPlainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return notA(nounOf(issue.expected), issue.input);
    case 'invalid_value':
      return noneOf(issue.values.map(String), issue.input);
    case 'invalid_union':
      return issue.errors.length === 0
        ? noneOf(wordsOf(issue.options), fieldOf(issue.input, issue.discriminator))
        : notA(orList(nounsOf(issue.errors)), issue.input);
    case 'too_small':
      return isEmpty(issue.input) && issue.minimum === 1
        ? 'is empty'
        : `must ${amount('at least', issue.minimum, issue.origin)}`;
    case 'too_big':
      return `must ${amount('at most', issue.maximum, issue.origin)}`;
    case 'invalid_format':
      return `must be of the form ${issue.pattern ?? issue.format}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_key':
      return `is not a key that is possible here`;
    case 'unrecognized_keys':
      return 'is not a known field';
    case 'invalid_element':
    case 'custom':
      return 'is not possible here';
    default:
      return issue satisfies never;
  }
}

/** `a`, `a or b`, `a, b or c`. */
export function orList(words: readonly string[], last: 'or' | 'and' = 'or'): string {
  const [final = '', ...before] = words.toReversed();
  return before.length === 0 ? final : `${before.toReversed().join(', ')} ${last} ${final}`;
}

/** What a value is, in the words of YAML: `a list`, `a text`. */
export function kindOfValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return value === null ? 'nothing' : 'a map';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
  record: 'a map of fields',
};

function nounOf(expected: string): string {
  return NOUNS[expected] ?? expected;
}

function nounsOf(options: readonly (readonly z.core.$ZodIssue[])[]): readonly string[] {
  const nouns = options.flat().flatMap((issue) => {
    if (issue.code === 'invalid_type') return [nounOf(issue.expected)];
    return issue.code === 'invalid_value' ? issue.values.map(String) : [];
  });
  return [...new Set(nouns)];
}

function notA(noun: string, input: unknown): string {
  if (input === undefined) return 'is required';
  if (input === null) return `has no value; write ${noun}`;
  return `must be ${noun}, but is ${shown(input)}${hint(noun, input)}`;
}

function noneOf(words: readonly string[], input: unknown): string {
  const list = orList(words);
  if (input === undefined) return words.length === 1 ? `is required: ${list}` : `is required; write ${list}`;
  if (input === null) return `has no value; write ${list}`;
  const near = typeof input === 'string' ? nearest(input, words) : null;
  const meant = near === null || words.length === 1 ? '' : `; did you mean ${near}?`;
  return `must be ${list}, but is ${shown(input)}${meant}`;
}

/** What YAML made of a value without quotes, or with them, is the most frequent reason for a wrong type. */
function hint(noun: string, input: unknown): string {
  if (noun === NOUNS['string'] && (typeof input === 'number' || typeof input === 'boolean')) {
    return '; put it in quotes';
  }
  const isQuoted =
    typeof input === 'string' &&
    ((noun === NOUNS['boolean'] && /^(?:true|false)$/.test(input)) ||
      (/number/.test(noun) && /^-?[0-9]+$/.test(input)));
  return isQuoted ? '; leave out the quotes' : '';
}

function shown(input: unknown): string {
  if (typeof input === 'string') {
    const quoted = quote(input);
    return quoted.startsWith('"') ? `the text ${quoted}` : 'a text that is not shown';
  }
  if (typeof input === 'number') return `the number ${input}`;
  if (typeof input === 'boolean') return String(input);
  return kindOfValue(input);
}

function amount(bound: string, count: number | bigint, origin: string): string {
  if (origin === 'string') return `have ${bound} ${count} character${count === 1 ? '' : 's'}`;
  if (origin === 'array') return `have ${bound} ${count} item${count === 1 ? '' : 's'}`;
  return `be ${bound} ${count}`;
}

function isEmpty(input: unknown): boolean {
  return input === '' || (Array.isArray(input) && input.length === 0);
}

function wordsOf(options: unknown): readonly string[] {
  return Array.isArray(options) ? options.map(String) : [];
}

function fieldOf(input: unknown, field: string | undefined): unknown {
  if (typeof input !== 'object' || input === null || field === undefined) return undefined;
  return Reflect.get(input, field);
}
