import type { EngineProblem } from './contract.ts';

/** What an engine says of a decision that threw. */
export function defect(error: unknown): EngineProblem {
  return {
    code: 'decide-threw',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}
