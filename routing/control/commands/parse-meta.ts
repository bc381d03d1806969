import { invalid, ok, type Parsed } from '../../model/parsed.ts';
import type { CommandMeta } from '../control.ts';
import type { Origin } from '../events/event-log.ts';
import { type Fields, optional, parseFields, required } from './parse-fields.ts';

const MAX_ACTOR_LENGTH = 200;
const MAX_KEY_LENGTH = 200;
const MAX_REASON_LENGTH = 1_000;

/** Parses who asks, and why. */
export function parseMeta(meta: CommandMeta): Fields<Origin> {
  return parseFields({
    actor: required(meta.actor, (text) => line(text, MAX_ACTOR_LENGTH)),
    reason: optional(meta.reason, null, (text) => required(text, (given) => line(given, MAX_REASON_LENGTH))),
    idempotencyKey: optional(meta.idempotencyKey, null, (text) =>
      required(text, (given) => line(given, MAX_KEY_LENGTH)),
    ),
  });
}

/** One line that a log, a terminal and PostgreSQL (no NUL, no lone surrogate) can take. */
function line(text: string, maxLength: number): Parsed<string> {
  if (text.length > maxLength) return invalid(`is longer than ${maxLength} characters`);
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) return invalid('has characters that cannot be shown');
  return ok(text);
}
