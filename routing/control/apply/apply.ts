import { isDeepStrictEqual } from 'node:util';
import { parseMeta } from '../commands/parse-meta.ts';
import { carryOut, untilWon } from '../commands/run-command.ts';
import type { ApplyOptions, ApplyRefusal, ApplyResult, CommandMeta } from '../control.ts';
import type { Database, Ending, Statements } from '../database.ts';
import type { ControlEvent } from '../events/event.ts';
import { loadLastEvents, type Origin } from '../events/event-log.ts';
import { lockAllocations } from '../ownership/allocation-lock.ts';
import { lockAllNames } from '../ownership/name-lock.ts';
import { awaitProjection } from '../projection/await-projection.ts';
import type { ApplyChange } from '../views.ts';
import type { Wanted } from '../wanted.ts';
import { checkOptions } from './check-options.ts';
import { type ClaimedNow, refusalToShow } from './claimed-now.ts';
import { parseStep } from './parse-step.ts';
import { loadRemovals, NO_REMOVALS } from './prune.ts';
import { type ApplyStep, inOrder } from './step.ts';

/**
 * Makes all of `wanted` so in one transaction, in which nobody else decides on names, ports or addresses: each thing by
 * the command that makes it, on the state that the ones before have left. Where one is refused the others are still
 * tried, so that every refusal is told at once, and nothing is kept.
 */
export async function apply(
  database: Database,
  { wanted, options, meta, projectionTimeoutMs }: ApplyRequest,
): Promise<ApplyResult> {
  const origin = parseMeta(meta);
  if (origin.kind === 'invalid') return origin;
  const steps: ApplyStep[] = [];
  const refusals: ApplyRefusal[] = [...checkOptions(wanted, options)];
  for (const [index, thing] of wanted.entries()) {
    const step = parseStep(thing, index, options.isTrusted === true);
    if (step.kind === 'ok') steps.push(step.value);
    else refusals.push({ index, thing: thing.kind, name: '', result: step });
  }
  if (refusals.length > 0) return { kind: 'refused', refusals };

  const ended = await untilWon('this apply', () =>
    database.transaction((transaction) =>
      attempt(transaction, inOrder(steps), { options, origin: origin.value }),
    ),
  );
  if (ended.kind === 'refused') return ended;
  const { changes, lastSeq } = ended;
  const isDryRun = options.isDryRun === true;
  const revision =
    isDryRun || lastSeq === null
      ? null
      : await awaitProjection(database, lastSeq, projectionTimeoutMs + changes.length * MS_PER_CHANGE);
  return { kind: 'ok', value: { changes, isDryRun, revision } };
}

interface ApplyRequest {
  readonly wanted: readonly Wanted[];
  readonly options: ApplyOptions;
  readonly meta: CommandMeta;
  readonly projectionTimeoutMs: number;
}

/** What a slow projector needs for a change, on top of what a command waits for one. */
const MS_PER_CHANGE = 2;

type Attempt =
  | { readonly kind: 'made'; readonly changes: readonly ApplyChange[]; readonly lastSeq: number | null }
  | { readonly kind: 'lost-race' }
  | { readonly kind: 'refused'; readonly refusals: readonly ApplyRefusal[] };

async function attempt(
  transaction: Statements,
  steps: readonly ApplyStep[],
  { options, origin }: { readonly options: ApplyOptions; readonly origin: Origin },
): Promise<Ending<Attempt>> {
  await lockAllNames(transaction);
  await lockAllocations(transaction);
  const streams = await locate(transaction, steps);
  const present = await loadLastEvents(transaction, [...streams.values()]);
  const { org } = options;
  const removals =
    options.isPruning === true && org !== undefined
      ? await loadRemovals(transaction, { org, steps, wanted: new Set(streams.values()) })
      : NO_REMOVALS;

  const changes: ApplyChange[] = [];
  const refusals: ApplyRefusal[] = [];
  const decided = new Map<string, ApplyStep>();
  const claimedNow: ClaimedNow[] = [];
  let lastSeq: number | null = null;
  const refuse = ({ index, kind: thing, name }: ApplyStep, result: ApplyRefusal['result']) => {
    refusals.push({ index, thing, name, result });
  };
  for (const step of [...removals.first, ...steps, ...removals.last]) {
    const stream = streams.get(step) ?? '';
    const last = present.get(stream) ?? null;
    if (last !== null && !decided.has(stream) && step.isSo(last)) {
      decided.set(stream, step);
      changes.push(changeOf(step, stateIn(last), stateIn(last)));
      continue;
    }
    const made = await carryOut(transaction, { decide: step.decide, origin });
    if (made.kind === 'lost-race') return { end: 'rollback', value: made };
    if (made.kind === 'not-found' && step.index === null) continue; // somebody else took it away meanwhile
    if (made.kind !== 'ok') {
      refuse(step, refusalToShow(made, step, claimedNow));
      continue;
    }
    const { event, seq, stream: own } = made.state.last;
    const earlier = decided.get(own);
    if (made.isChanged && earlier !== undefined) {
      const message = `it would undo what ${earlier.kind} ${earlier.name} of the same apply has made; keep one of them`;
      refuse(step, { kind: 'conflict', message });
      continue;
    }
    decided.set(own, step);
    const after = stateIn(event);
    const before = made.previous === null ? null : stateIn(made.previous.last.event);
    changes.push(changeOf(step, made.isChanged ? before : after, after));
    if (!made.isChanged) continue;
    lastSeq = seq;
    if (event.type === 'domain.claimed' && before === null) claimedNow.push(event.payload);
  }
  if (refusals.length > 0) return { end: 'rollback', value: { kind: 'refused', refusals } };
  options.onPlan?.(changes);
  const end = options.isDryRun === true ? 'rollback' : 'commit';
  return { end, value: { kind: 'made', changes, lastSeq } };
}

/** The streams that the steps are about, as far as they can be told before anything is decided. */
async function locate(
  transaction: Statements,
  steps: readonly ApplyStep[],
): Promise<ReadonlyMap<ApplyStep, string>> {
  const streams = new Map<ApplyStep, string>();
  for (const step of steps) {
    const stream = await step.locate(transaction);
    if (stream !== null) streams.set(step, stream);
  }
  return streams;
}

type State = Readonly<Record<string, unknown>>;

/** What an event says to be there; null where it says that it is gone. */
function stateIn(event: ControlEvent): State | null {
  switch (event.type) {
    case 'route.deleted':
    case 'port.released':
    case 'domain.released':
    case 'address.released':
      return null;
    case 'endpoint.reported':
      return event.payload.state === 'gone' ? null : { ...event.payload };
    default:
      return { ...event.payload };
  }
}

function changeOf({ kind, name, index }: ApplyStep, before: State | null, after: State | null): ApplyChange {
  return { action: actionOf(before, after), kind, name, before, after, index };
}

function actionOf(before: State | null, after: State | null): ApplyChange['action'] {
  if (before === null) return 'create';
  if (after === null) return 'delete';
  return isDeepStrictEqual(before, after) ? 'unchanged' : 'update';
}
