import { createHash } from 'node:crypto';
import type { Database, Ending, Statements } from '../database.ts';
import { DatabaseError } from '../database-error.ts';
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
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const outcome = await database.transaction((transaction) => attempt(transaction, command));
    if (outcome.kind !== 'lost-race') return outcome;
  }
  throw new DatabaseError(
    'unavailable',
    `too many others change the same thing as ${command.name}; try again`,
  );
}

type Attempt = Outcome | { readonly kind: 'lost-race' };

async function attempt(transaction: Statements, command: Command): Promise<Ending<Attempt>> {
  const { idempotencyKey } = command.origin;
  if (idempotencyKey !== null) {
    const earlier = await claimKey(transaction, command, idempotencyKey);
    if (earlier !== null) return { end: 'rollback', value: earlier };
  }
  const { decision, state: present } = await command.decide(transaction);
  if (decision.kind !== 'record' && decision.kind !== 'unchanged')
    return { end: 'rollback', value: decision };

  const state =
    decision.kind === 'record' ? await append(transaction, command, decision.event, present) : present;
  if (state === null) return { end: 'rollback', value: { kind: 'lost-race' } };
  if (idempotencyKey !== null) {
    await transaction.query('update weir.commands set result = $2 where idempotency_key = $1', [
      idempotencyKey,
      JSON.stringify({ seq: state.last.seq }),
    ]);
  }
  return { end: 'commit', value: { kind: 'ok', state, isReplay: false } };
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
  { origin }: Command,
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
