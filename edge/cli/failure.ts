import { styleText } from 'node:util';
import { EXIT_CODES, type FailureCode } from './exit-code.ts';

/** Why a command did not do what it was asked. */
export interface Failure {
  readonly code: FailureCode;
  /** What was wrong: a clause that goes after `error: `, without a full stop. */
  readonly message: string;
  /** Each value that is wrong. */
  readonly problems?: readonly FailureProblem[];
  /** A finer code under `code`, where there is one. */
  readonly reason?: string;
  /** What to do next. */
  readonly next?: string;
}

/** A value that is wrong: `problem` is a clause that goes after the field's name. */
export interface FailureProblem {
  readonly field: string;
  /** What the field is called on the command line, where that differs. */
  readonly label?: string;
  readonly problem: string;
  /** Where it was said, and a stable code, where they are known. */
  readonly source?: string;
  readonly code?: string;
  /** Of a document: the file with line and column, both from 1, and the way to the value in it. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
}

/** Says it on stderr, as a sentence or as one JSON document, and answers with the exit code. */
export function reportFailure(failure: Failure, isJson: boolean): number {
  process.stderr.write(isJson ? `${JSON.stringify(asDocument(failure))}\n` : asText(failure));
  return EXIT_CODES[failure.code];
}

function asDocument({ code, message, problems = [], reason, next }: Failure): object {
  const plain = problems.map(({ label: _, ...problem }) => problem);
  return { error: { code, reason, message, problems: plain, next } };
}

function asText({ message, problems = [], next }: Failure): string {
  const lines = [`${styleText('red', 'error:', { stream: process.stderr })} ${message}`];
  for (const { field, label, problem } of problems) lines.push(`  ${label ?? field} ${problem}`);
  if (next !== undefined) lines.push(next);
  return `${lines.join('\n')}\n`;
}
