import { parseDuration } from '../../../config/duration.ts';
import { splitAlpnSuffix } from '../../model/alpn.ts';
import { type HostPattern, parseHostPattern } from '../../model/hostname.ts';
import { invalid, ok, type Parsed } from '../../model/parsed.ts';
import { ROUTE_LISTENERS } from '../../model/route.ts';
import { type Fields, fieldsOf, optional, parseFields, required } from '../commands/parse-fields.ts';
import { routeStream } from '../events/event.ts';
import type { EventFilterInput } from '../inputs.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 10_000;

/** Which events are asked for. */
export interface EventFilter {
  /** Null for all. */
  readonly streams: readonly string[] | null;
  /** The routes of this hostname as well, whatever they ask for; null for none. */
  readonly pattern: HostPattern | null;
  readonly org: string | null;
  readonly sinceSeq: number;
  readonly sinceTime: Date | null;
  readonly limit: number;
}

/** Parses a filter; `now` is what durations go back from, in milliseconds since 1970. */
export function parseEventFilter(input: EventFilterInput, now: number = Date.now()): Fields<EventFilter> {
  const fields = parseFields({
    route: optional(input.route, null, (text) => required(text, parseHostPattern)),
    stream: optional(input.stream, null, (text) => required(text, term)),
    org: optional(input.org, null, (text) => required(text, term)),
    since: optional(input.since, BEGINNING, (given) => parseSince(String(given), now)),
    limit: optional(input.limit, DEFAULT_LIMIT, (given) => parseLimit(String(given))),
  });
  if (fields.kind === 'invalid') return fields;
  const { route, stream, org, since, limit } = fields.value;
  if (stream === null) {
    const streams = route === null ? null : plainStreamsOf(route);
    return fieldsOf({ streams, pattern: route, org, ...since, limit });
  }
  const streams = route === null || isStreamOf(route, stream) ? [stream] : [];
  return fieldsOf({ streams, pattern: null, org, ...since, limit });
}

/**
 * The condition on `weir.events as events`, for `eventFilterValues` as the parameters $1 to $5. With a custom plan, which
 * statements without a name get, what is null costs nothing. Which protocols the routes of a hostname ask for is known from
 * their beginnings, by the index `events_by_pattern`.
 */
export const EVENT_CONDITION = `
  ($1::text[] is null or events.stream = any ($1 || array(
    select begun.stream from weir.events as begun
    where begun.type = 'route.created' and reverse(begun.payload ->> 'pattern') collate "C" = reverse($5::text))))
  and ($2::text is null or events.org = $2)
  and events.seq >= $3::bigint
  and ($4::timestamptz is null or events.recorded_at >= $4)`;

/** The parameters of `EVENT_CONDITION`. */
export function eventFilterValues(filter: EventFilter): readonly unknown[] {
  const { streams, pattern, org, sinceSeq, sinceTime } = filter;
  return [streams, org, sinceSeq, sinceTime, pattern];
}

interface Since {
  readonly sinceSeq: number;
  readonly sinceTime: Date | null;
}

const BEGINNING: Since = { sinceSeq: 0, sinceTime: null };

/** A date, or a date with a time; without a zone it is the local one, as ISO 8601 says. */
const ISO_TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

function parseSince(text: string, now: number): Parsed<Since> {
  if (/^\d+$/.test(text)) {
    const seq = Number(text);
    return Number.isSafeInteger(seq)
      ? ok({ sinceSeq: seq, sinceTime: null })
      : invalid('is too large for the number of an event');
  }
  const time = ISO_TIME.test(text) ? new Date(text) : null;
  if (time !== null && !Number.isNaN(time.getTime())) return ok({ sinceSeq: 0, sinceTime: time });
  const duration = parseDuration(text);
  const start = new Date(duration.kind === 'ok' ? now - duration.value : Number.NaN);
  // PostgreSQL's calendar begins before, and is of no use there.
  if (!(start.getUTCFullYear() >= 0)) {
    return invalid('is no number of an event (42), no time (2026-05-01T09:30:00Z) and no duration (30m, 2h)');
  }
  return ok({ sinceSeq: 0, sinceTime: start });
}

function parseLimit(text: string): Parsed<number> {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_LIMIT
    ? ok(limit)
    : invalid(`must be a whole number from 1 to ${MAX_LIMIT}`);
}

/** Of the routes that ask for no protocol; there also where no event of theirs can be read. */
function plainStreamsOf(pattern: HostPattern): readonly string[] {
  return ROUTE_LISTENERS.map((listener) => routeStream({ listener, pattern, alpn: null }));
}

function isStreamOf(pattern: HostPattern, stream: string): boolean {
  return plainStreamsOf(pattern).includes(splitAlpnSuffix(stream).pattern);
}

/** Text that PostgreSQL cannot hold is no name of anything: it matches nothing. */
function term(text: string): Parsed<string> {
  return ok(text.includes('\0') ? '' : text);
}
