/** What the process exits with. Scripts rely on the numbers: they never change their meaning. */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  'not-found': 3,
  conflict: 4,
  invalid: 5,
  'database-unavailable': 6,
  'not-allowed': 7,
} as const;

export type FailureCode = Exclude<keyof typeof EXIT_CODES, 'ok'>;

const MEANINGS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  ok: 'done',
  failed: 'something went wrong that the message names',
  usage: 'the command line itself is wrong: unknown option, missing argument',
  'not-found': 'what the command is about does not exist',
  conflict: 'it exists already, belongs to another org, or cools down after one had it',
  invalid: 'a value or a file is not valid; every problem is listed',
  'database-unavailable': 'no database was found, or it cannot be used',
  'not-allowed': 'the org may not, or not yet: a domain is not proved, or a quota is used up',
};

/** The table of exit codes as it stands in help texts, all of them or those that one command can end with. */
export function exitCodesHelp(keys: readonly (keyof typeof EXIT_CODES)[] = allKeys()): string {
  const lines = keys.map((key) => `  ${EXIT_CODES[key]}  ${MEANINGS[key]}`);
  return ['Exit codes:', ...lines].join('\n');
}

function allKeys(): readonly (keyof typeof EXIT_CODES)[] {
  return Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];
}
