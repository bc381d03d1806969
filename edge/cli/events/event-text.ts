import type { EventView, FailedEventView } from '../../../routing/control/views.ts';
import { table } from '../output.ts';

/** Events that are all known, in columns as wide as they need. */
export function eventTable(events: readonly EventView[]): string {
  return table(events, [
    ['SEQ', (event) => event.seq],
    ['TIME', (event) => event.recordedAt],
    ['TYPE', (event) => shown(event.type)],
    ['STREAM', (event) => shown(event.stream)],
    ['ACTOR', (event) => shown(event.actor)],
    ['SAYS', (event) => shown(event.summary)],
    ['REASON', (event) => shown(event.reason ?? '-')],
  ]);
}

/** One event, where nobody knows how wide the next ones are. */
export function eventLine(event: EventView): string {
  const reason = event.reason === null ? '' : `  (${event.reason})`;
  const { seq, recordedAt, type, stream, actor, summary } = event;
  const start = `${String(seq).padStart(6)}  ${recordedAt}  ${shown(type).padEnd(17)}`;
  return `${start}  ${shown(`${stream}  ${actor}  ${summary}${reason}`)}`;
}

/** Events that stand aside, with why. */
export function failedTable(events: readonly FailedEventView[]): string {
  return table(events, [
    ['SEQ', (event) => event.seq],
    ['RECORDED', (event) => event.recordedAt],
    ['FAILED', (event) => event.failedAt],
    ['TYPE', (event) => shown(event.type)],
    ['STREAM', (event) => shown(event.stream)],
    ['ACTOR', (event) => shown(event.actor)],
    ['ERROR', (event) => shown(event.error)],
  ]);
}

/** What was written past weir's commands may have what a terminal would obey. */
function shown(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{fffd}');
}
