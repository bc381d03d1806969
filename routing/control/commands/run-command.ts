import { createHash } from 'node:crypto';
import type { Database, Ending, Statements } from '../database.ts';
import { DatabaseError, isRollback } from '../database-error.ts';
import type { ControlEvent } from '../events/event.ts';
import { appendEvent, loadStateAt, type Origin, type StreamState } from '../events/event-log.ts';
import { conflict, type Decision, type Refusal } from './decision.ts';

/** Somebody else's event came first: each time one of them got through, so with few writers few rounds are enough. */
const MAX_ROUNDS = 20;

/** One thing to do, by somebody. */
export interface Command {
  readonly name: string;
  /** What was asked, parsed: with the name it tells a repeated command from another one with the same key. */
  readonly input: unknown;
  readonly origin: Origin;
  /** Loads the streams that it needs and decides; called again, on the new state, after a lost race. */
  decide(transaction: Statements): Promise<Decided>;
}

/** A decision, and the state of the one stream that it is about. */
export interface Decided {
  readonly decision: Decision;
  /** Null where the stream has no event yet. */
  readonly state: StreamState | null;
  /** What is recorded with it, before it, where something is recorded. */
  readonly before?: readonly Accompanying[];
}

/** An event on another stream, in the same transaction. */
export interface Accompanying {
  readonly event: ControlEvent;
  readonly state: StreamState | null;
}

/** The state that a command led to, or found. */
export type Outcome =
  | { readonly kind: 'ok'; readonly state: StreamState; readonly isReplay: boolean }
  | Refusal;

/**
 * Carries out a command in one transaction: claims its idempotency key, decides, appends, and keeps what came of it.
 *
 * A command with a key that is in use waits until the other has ended. A refusal leaves nothing behind, not even its
 * key: it may be otherwise the next time.
 */
export async function runCommand(database: Database, command: Command): Promise<Outcome> {
  return untilWon(command.name, () => database.transaction((transaction) => attempt(transaction, command)));
}

/** Tries a transaction again for as long as somebody else's came first. */
export async function untilWon<Value extends { readonly kind: string }>(
  name: string,
  tryOnce: () => Promise<Value | LostRace>,
): Promise<Value> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const outcome = await tryOnce().catch(lostRaceIn);
    if (isWon(outcome)) return outcome;
  }
  throw new DatabaseError('unavailable', `too many others change the same thing as ${name}; try again`);
}

function isWon<Value extends { readonly kind: string }>(outcome: Value | LostRace): outcome is Value {
  return outcome.kind !== 'lost-race';
}

/** A transaction that the server ended for another's sake (a deadlock) has lost as well; nothing of it is there. */
function lostRaceIn(error: unknown): LostRace {
  if (isRollback(error)) return { kind: 'lost-race' };
  throw error;
}

interface LostRace {
  readonly kind: 'lost-race';
}

type Attempt = Outcome | LostRace;

async function attempt(transaction: Statements, command: Command): Promise<Ending<Attempt>> {
  const { idempotencyKey } = command.origin;
  if (idempotencyKey !== null) {
    const earlier = await claimKey(transaction, command, idempotencyKey);
    if (earlier !== null) return { end: 'rollback', value: earlier };
  }
  const step = await carryOut(transaction, command);
  if (step.kind !== 'ok') return { end: 'rollback', value: step };
  const { state } = step;
  if (idempotencyKey !== null) {
    await transaction.query('update weir.commands set result = $2 where idempotency_key = $1', [
      idempotencyKey,
      JSON.stringify({ seq: state.last.seq }),
    ]);
  }
  return { end: 'commit', value: { kind: 'ok', state, isReplay: false } };
}

/** What a command came to inside of a transaction that goes on. */
export type Step =
  | {
      readonly kind: 'ok';
      /** Before it; null where there was nothing. */
      readonly previous: StreamState | null;
      readonly state: StreamState;
      readonly isChanged: boolean;
    }
  | LostRace
  | Refusal;

/** Decides and appends; the caller rolls back where nothing came of it. */
export async function carryOut(
  transaction: Statements,
  { decide, origin }: Pick<Command, 'decide' | 'origin'>,
): Promise<Step> {
  const { decision, state: previous, before = [] } = await decide(transaction);
  switch (decision.kind) {
    case 'unchanged':
      if (previous === null) throw new Error('what is not there cannot stay as it is');
      return { kind: 'ok', previous, state: previous, isChanged: false };
    case 'record': {
      for (const { event, state } of before) {
        if ((await append(transaction, origin, event, state)) === null) return { kind: 'lost-race' };
      }
      const state = await append(transaction, origin, decision.event, previous);
      return state === null ? { kind: 'lost-race' } : { kind: 'ok', previous, state, isChanged: true };
    }
    default:
      return decision;
  }
}

/** Null where the key is this command's now, else what came of the command that had it. */
async function claimKey(
  transaction: Statements,
  command: Command,
  idempotencyKey: string,
): Promise<Outcome | null> {
  const fingerprint = fingerprintOf(command);
  const claimed = await transaction.query(
    `insert into weir.commands (idempotency_key, fingerprint) values ($1, $2)
     on conflict (idempotency_key) do nothing returning idempotency_key`,
    [idempotencyKey, fingerprint],
  );
  if (claimed.length > 0) return null;

  const [earlier] = await transaction.query<{ readonly fingerprint: string; readonly seq: string }>(
    `select fingerprint, result ->> 'seq' as seq from weir.commands where idempotency_key = $1`,
    [idempotencyKey],
  );
  if (earlier?.fingerprint !== fingerprint) {
    return conflict(`the idempotency key ${idempotencyKey} was used for another command`);
  }
  const state = await loadStateAt(transaction, Number(earlier.seq));
  if (state === null)
    throw new DatabaseError('query', `the command of ${idempotencyKey} has no event in the log`);
  return { kind: 'ok', state, isReplay: true };
}

function fingerprintOf({ name, input }: Command): string {
  return createHash('sha256')
    .update(JSON.stringify([name, input]))
    .digest('hex');
}

async function append(
  transaction: Statements,
  origin: Origin,
  event: ControlEvent,
  present: StreamState | null,
): Promise<StreamState | null> {
  const last = await appendEvent(transaction, {
    event,
    afterVersion: present?.last.streamVersion ?? 0,
    origin,
  });
  if (last === null) return null;
  const isBeginning = event.type === 'route.created' || event.type === 'port.allocated';
  return { last, createdAt: isBeginning ? last.recordedAt : (present?.createdAt ?? last.recordedAt) };
}
