import type { ApplyRefusal, ApplyResult, CommandResult } from '../../../routing/control/control.ts';
import type { Desired } from '../../../routing/manifest/desired.ts';
import type { ManifestProblem } from '../../../routing/manifest/document.ts';
import { type Condition, isHindrance, type RouteStatus } from '../../../routing/manifest/gateway/status.ts';
import { parseWanted } from '../../../routing/manifest/parse-wanted.ts';
import { formatPath } from '../../../routing/manifest/validate.ts';
import { refusal } from '../control.ts';
import type { Failure, FailureProblem } from '../failure.ts';
import type { FileProblem } from './find-files.ts';
import { subjectOf } from './status-text.ts';

/** Files that cannot be read. */
export function unreadable(problems: readonly FileProblem[]): Failure {
  return {
    code: 'invalid',
    message: `nothing was changed: ${problems.length === 1 ? 'a file' : 'some files'} cannot be read`,
    problems: problems.map(({ name, problem }) => ({ field: name, label: name, problem, file: name })),
  };
}

/** Documents that are not valid. */
export function invalidDocuments(problems: readonly ManifestProblem[]): Failure {
  return {
    code: 'invalid',
    message: `nothing was changed: ${count(problems.length, 'problem')} in the files`,
    problems: problems.map(placed),
  };
}

/**
 * Routes of the Gateway API that are not accepted: a conflict where nothing but listeners in each other's way is the
 * reason, and else invalid.
 */
export function notAccepted(statuses: readonly RouteStatus[]): Failure {
  const hindrances = statuses
    .filter(({ kind }) => kind !== 'Listener')
    .flatMap((status) => status.conditions.filter(isHindrance).map((condition) => ({ status, condition })));
  const isInConflict = statuses.some(
    ({ kind, conditions }) =>
      kind === 'Listener' &&
      conditions.some(({ type, status }) => type === 'Conflicted' && status === 'True'),
  );
  const isConflict =
    isInConflict && hindrances.every(({ condition }) => MAY_BE_CONFLICTS.has(condition.reason));
  return {
    code: isConflict ? 'conflict' : 'invalid',
    message: `nothing was changed: ${count(hindrances.length, 'condition')} of the Gateway API ${hindrances.length === 1 ? 'is' : 'are'} not met`,
    problems: hindrances.map(({ status, condition: { type, reason, message } }) => ({
      ...placed({
        ...status.place,
        path: '',
        problem: `${subjectOf(status)}: ${type}=False, ${reason}: ${message}`,
      }),
      code: reason,
    })),
  };
}

/** What the control plane refuses, with the place of each thing in the files; the gravest reason is the exit code. */
export function refused(
  result: Exclude<ApplyResult, { readonly kind: 'ok' }>,
  desired: readonly Desired[],
): Failure {
  if (result.kind === 'invalid') return refusal(result);
  const { refusals } = result;
  const kinds = new Set(refusals.map((each) => each.result.kind));
  return {
    code: GRAVEST_FIRST.find((kind) => kinds.has(kind)) ?? 'failed',
    message: `nothing was changed: ${count(refusals.length, 'thing')} ${refusals.length === 1 ? 'is' : 'are'} refused`,
    problems: refusals.flatMap((each) => problemsOf(each, desired)),
  };
}

/** Refusals by a listener, and by a Gateway for the sake of its listeners. */
const MAY_BE_CONFLICTS: ReadonlySet<Condition['reason']> = new Set([
  'ListenersNotValid',
  'NotAllowedByListeners',
]);

const GRAVEST_FIRST: readonly Exclude<CommandResult<never>['kind'], 'ok'>[] = [
  'invalid',
  'conflict',
  'not-allowed',
  'not-found',
];

function problemsOf(
  { index, thing, name, result }: ApplyRefusal,
  desired: readonly Desired[],
): readonly FailureProblem[] {
  const wanted = index === null ? undefined : desired[index];
  if (wanted === undefined) {
    const subject = `${thing} ${name}, which no file wants,`;
    const label = `${subject} cannot be taken away:`;
    if (result.kind === 'invalid') return result.problems.map((each) => ({ ...each, label: subject }));
    return [{ field: subject, label, problem: result.message, code: result.kind }];
  }
  const at = (field: string, problem: string): FailureProblem => {
    const path = wanted.pathOf(field);
    const place = wanted.document.place(path);
    return { ...placed({ ...place, path: formatPath(path), problem }), code: result.kind };
  };
  if (result.kind === 'invalid') return result.problems.map(({ field, problem }) => at(field, problem));
  const problem = at(identityField(wanted), result.message);
  return [{ ...problem, label: `${problem.label}:` }];
}

function identityField({ wanted }: Desired): string {
  const parsed = parseWanted(wanted);
  return parsed.kind === 'ok' ? parsed.value.field : '';
}

function placed({ file, line, column, path, problem }: ManifestProblem): FailureProblem {
  const label = `${file}:${line}:${column}${path === '' ? '' : ` ${path}`}`;
  return { field: path, label, problem, file, line, column, path };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
