import type { CommandResult, FieldProblem } from '../control.ts';
import type { ControlEvent } from '../events/event.ts';

/** What is to be recorded, from the state of a stream and what was asked: a pure function's answer. */
export type Decision =
  | { readonly kind: 'record'; readonly event: ControlEvent }
  /** It is so already. */
  | { readonly kind: 'unchanged' }
  | Refusal;

/** Why nothing is recorded. */
export type Refusal = Exclude<CommandResult<never>, { readonly kind: 'ok' }>;

/** Something happens. */
export function record(event: ControlEvent): Decision {
  return { kind: 'record', event };
}

/** Nothing has to happen. */
export const UNCHANGED: Decision = { kind: 'unchanged' };

/** What the command is about is not there. */
export function notFound(message: string): Refusal {
  return { kind: 'not-found', message };
}

/** It contradicts what is there. */
export function conflict(message: string): Refusal {
  return { kind: 'conflict', message };
}

/** The org has no right to it, or not yet. */
export function notAllowed(message: string): Refusal {
  return { kind: 'not-allowed', message };
}

/** One field does not fit what is there. */
export function invalidField(field: FieldProblem['field'], problem: string): Refusal {
  return { kind: 'invalid', problems: [{ field, problem }] };
}
