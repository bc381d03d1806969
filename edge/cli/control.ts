import type { CommandMeta, CommandResult, Control } from '../../routing/control/control.ts';
import type { DatabaseErrorCode } from '../../routing/control/database-error.ts';
import type { TxtLookup } from '../../routing/control/ownership/txt-lookup.ts';
import { findDatabase } from './database-url.ts';
import type { FailureCode } from './exit-code.ts';
import { type Failure, reportFailure } from './failure.ts';
import type { ChangeOptions, ControlOptions } from './options.ts';
import { print, printJson } from './output.ts';

/** What inputs are called on the command line that are arguments there; all others are options. */
type Labels = Readonly<Record<string, string>>;

interface Change<Value> {
  readonly options: ChangeOptions;
  readonly command: (control: Control, meta: CommandMeta) => Promise<CommandResult<Value>>;
  /** What a person reads. */
  readonly show: (value: Value) => string;
  readonly labels?: Labels;
  /** @default the system's resolvers are asked */
  readonly lookUpTxt?: TxtLookup;
}

interface Question<Value> {
  readonly options: ControlOptions;
  readonly command: (control: Control) => Promise<CommandResult<Value>>;
  readonly show: (value: Value) => string;
  readonly labels?: Labels;
}

/** Carries out a command of the control plane, prints what came of it and sets the exit code. */
export async function change<Value extends object>({
  options,
  command,
  show,
  labels,
  lookUpTxt,
}: Change<Value>): Promise<void> {
  const { actor, reason, idempotencyKey } = options;
  const result = await withControl(
    options,
    (control) => command(control, { actor, reason, idempotencyKey }),
    lookUpTxt,
  );
  if (result.kind !== 'ok') {
    fail(result.kind === 'failed' ? result.failure : refusal(result, labels), options);
    return;
  }
  const { value, isReplay } = result;
  if (options.json) printJson({ ...value, isReplay });
  else print(isReplay ? noteReplay(show(value)) : show(value));
}

/** At the end of the first line: what follows it may be there to be copied. */
function noteReplay(text: string): string {
  return text.replace(/$/m, ' (done before, by the same idempotency key)');
}

/** Asks the control plane, prints the answer and sets the exit code. */
export async function ask<Value>({ options, command, show, labels }: Question<Value>): Promise<void> {
  const result = await withControl(options, command);
  if (result.kind !== 'ok') {
    fail(result.kind === 'failed' ? result.failure : refusal(result, labels), options);
    return;
  }
  if (options.json) printJson(result.value);
  else print(show(result.value));
}

/** Makes a list, which cannot be refused, the result of a question. */
export function answered<Value>(value: Value): CommandResult<Value> {
  return { kind: 'ok', value, isReplay: false };
}

/** What could not be done, as it is to be reported. */
export type Failed = { readonly kind: 'failed'; readonly failure: Failure };

/** Loads the control plane only now, so that help and a wrong command line need not wait for it. */
export async function withControl<Result>(
  options: ControlOptions,
  work: (control: Control) => Promise<Result>,
  lookUpTxt?: TxtLookup,
): Promise<Result | Failed> {
  const database = await findDatabase({ role: 'control', options, env: process.env });
  if (database.kind === 'failed') return database;

  const { openControl } = await import('../../routing/control/open-control.ts');
  return databaseFailures(async () => {
    const control = await openControl({ url: database.url, lookUpTxt });
    try {
      return await work(control);
    } finally {
      await control.close();
    }
  });
}

/** Turns what the database does wrong into a value; everything else is a defect and goes on. */
export async function databaseFailures<Value>(work: () => Promise<Value>): Promise<Value | Failed> {
  const { DatabaseError } = await import('../../routing/control/database-error.ts');
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return {
      kind: 'failed',
      failure: { code: FAILURE_CODES[error.code], reason: error.code, message: error.message },
    };
  }
}

const FAILURE_CODES: Readonly<Record<DatabaseErrorCode, FailureCode>> = {
  unavailable: 'database-unavailable',
  credentials: 'database-unavailable',
  permission: 'database-unavailable',
  'no-schema': 'database-unavailable',
  'schema-version': 'database-unavailable',
  'projection-delayed': 'database-unavailable',
  'projection-failed': 'failed',
  query: 'failed',
};

/** Says why a command was refused, with inputs by the names that were typed. */
export function refusal(result: Exclude<CommandResult<unknown>, { kind: 'ok' }>, labels?: Labels): Failure {
  switch (result.kind) {
    case 'not-found':
    case 'conflict':
    case 'not-allowed':
      return { code: result.kind, message: result.message };
    case 'invalid':
      return {
        code: 'invalid',
        message: result.problems.length === 1 ? 'a value is not valid' : 'some values are not valid',
        problems: result.problems.map((each) => ({
          ...each,
          label: labels?.[each.field] ?? optionName(each.field),
        })),
      };
    default:
      return result satisfies never;
  }
}

/** `backendPort` is `--backend-port` to whoever typed it. */
function optionName(field: string): string {
  return `--${field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Reports a failure and sets the exit code. */
export function fail(failure: Failure, options: Pick<ControlOptions, 'json'>): void {
  process.exitCode = reportFailure(failure, options.json === true);
}
